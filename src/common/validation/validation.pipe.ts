import { type ArgumentMetadata, Injectable, type PipeTransform, type Type } from '@nestjs/common';
import { UnreadableRequest } from '../grpc/unreadable-request.js';
import { compileValidator } from './compile-validator.js';

/** Checks the body (HTTP) or the message (gRPC) against the class of the parameter; see {@link compileValidator}. */
@Injectable()
export class ValidationPipe implements PipeTransform {
  private readonly validators = new Map<Type<object>, (value: unknown) => object>();

  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type !== 'body' || metatype === undefined) return value;
    if (value instanceof UnreadableRequest) throw value.error;
    let validate = this.validators.get(metatype);
    if (validate === undefined) {
      validate = compileValidator(metatype as Type<object>);
      this.validators.set(metatype, validate);
    }
    // An HTTP request without a body asks with an empty message.
    return validate(value ?? {});
  }
}
