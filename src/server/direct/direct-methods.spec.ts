import 'reflect-metadata';
import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  type Provider,
  type Type,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import type { FastifyRequest } from 'fastify';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { ApiController, ApiMethod } from '../../common/call/api.decorators.js';
import { Authenticator } from '../../common/call/authenticator.js';
import { Call, type CallContext } from '../../common/call/call-context.js';
import { Message } from '../../common/call/message.decorator.js';
import { RequiredName } from '../../common/validation/decorators.js';
import { directMethods } from './direct-methods.js';

class Anybody extends Authenticator {
  override readonly required = false;
  override identify(): never {
    throw new Error('nobody is asked who he is');
  }
}

@Injectable()
class Interceptor implements NestInterceptor {
  intercept: NestInterceptor['intercept'] = (_, next) => next.handle();
}

@Injectable()
class SlowGuard implements CanActivate {
  canActivate(host: ExecutionContext) {
    return from([host.switchToHttp().getRequest<FastifyRequest>().headers['x-open'] === 'yes']);
  }
}

class Greeting {
  @RequiredName() name!: string;
}

@ApiController('greetings', 'member')
class Plain {
  @ApiMethod('Greetings', 'say_hello')
  sayHello(@Message() { name }: Greeting, @Call() call: CallContext): string {
    return `${call.header('x-tone')} ${name}`;
  }
}

@ApiController('greetings', 'member')
@UseInterceptors(Interceptor)
class Intercepted extends Plain {
  @ApiMethod('Greetings', 'say_hello')
  override sayHello(@Message() greeting: Greeting, @Call() call: CallContext): string {
    return super.sayHello(greeting, call);
  }
}

@ApiController('greetings', 'member')
@UseGuards(SlowGuard)
class Guarded extends Plain {
  @ApiMethod('Greetings', 'say_hello')
  override sayHello(@Message() greeting: Greeting, @Call() call: CallContext): string {
    return super.sayHello(greeting, call);
  }
}

async function methodsOf(controller: Type, ...more: Provider[]) {
  const providers = [{ provide: Authenticator, useClass: Anybody }, ...more];
  return directMethods(await Test.createTestingModule({ controllers: [controller], providers }).compile());
}

function request(body: unknown, headers: Record<string, string> = {}) {
  return [{ body, headers: { 'x-tone': 'Hello', ...headers } }, {}];
}

describe('methods that are called directly', () => {
  it('have their route, their guards, their checks and their parameters', async () => {
    const [method] = await methodsOf(Plain);
    expect(method).toMatchObject({ service: 'Greetings', method: 'say_hello', path: '/greetings/say-hello' });
    expect(method?.call(method.host('http', request({ name: 'Ann' })))).toBe('Hello Ann');
    expect(() => method?.call(method.host('http', request({})))).toThrow('key = name');
  });

  it('wait for guards that take their time', async () => {
    const [method] = await methodsOf(Guarded);
    const call = (headers: Record<string, string>) =>
      method?.call(method.host('http', request({ name: 'Ann' }, headers)));
    await expect(call({ 'x-open': 'yes' })).resolves.toBe('Hello Ann');
    await expect(call({})).rejects.toThrow('Forbidden');
  });

  it('are none that an interceptor is around, its own or one of the application', async () => {
    expect(await methodsOf(Intercepted)).toEqual([]);
    expect(await methodsOf(Plain, { provide: APP_INTERCEPTOR, useClass: Interceptor })).toEqual([]);
  });
});
