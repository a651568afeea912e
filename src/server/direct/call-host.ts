import type { ExecutionContext, Type } from '@nestjs/common';

/** Tells of a call what Nest's own execution context does, without objects and functions made anew for each question. */
export class CallHost implements ExecutionContext {
  /**
   * @param args as Nest orders them: request and reply (HTTP), or message, metadata and call (gRPC)
   * @param handler the controller's method, by which metadata is found
   */
  constructor(
    private readonly type: 'http' | 'rpc',
    private readonly args: readonly unknown[],
    private readonly controller: Type,
    private readonly handler: ReturnType<ExecutionContext['getHandler']>,
  ) {}

  getType<T extends string>(): T {
    return this.type as T;
  }

  getClass<T>(): Type<T> {
    return this.controller as Type<T>;
  }

  getHandler() {
    return this.handler;
  }

  getArgs<T extends unknown[]>(): T {
    return this.args as T;
  }

  getArgByIndex<T>(index: number): T {
    return this.args[index] as T;
  }

  switchToHttp(): this {
    return this;
  }

  switchToRpc(): this {
    return this;
  }

  switchToWs(): never {
    throw new Error('There are no web sockets here.');
  }

  getRequest<T>(): T {
    return this.args[0] as T;
  }

  getResponse<T>(): T {
    return this.args[1] as T;
  }

  getNext<T>(): T {
    return this.args[2] as T;
  }

  getData<T>(): T {
    return this.args[0] as T;
  }

  getContext<T>(): T {
    return this.args[1] as T;
  }
}
