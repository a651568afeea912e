import { type CanActivate, ForbiddenException, type INestApplicationContext, type Type } from '@nestjs/common';
import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PATH_METADATA,
  PIPES_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, MetadataScanner, ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { Module } from '@nestjs/core/injector/module.js';
import { isObservable, lastValueFrom } from 'rxjs';
import { SERVED_METHOD, type ServedMethod } from '../../common/call/api.decorators.js';
import { ErrorFilter } from '../../common/errors/error.filter.js';
import { CallHost } from './call-host.js';

type Handler = (...args: unknown[]) => unknown;

/** A controller's method with all that its decorators ask for, put together once. */
export interface DirectMethod extends ServedMethod {
  /** Of its REST twin: `/plugin/v1/plugin/get-plugin-endpoint` */
  readonly path: string;
  host(type: 'http' | 'rpc', args: readonly unknown[]): CallHost;
  /** What the method answers. Throws, or rejects with, what a guard, a check of the message, or the method throws. */
  call(host: CallHost): unknown;
}

/** Calls the method, and answers with what it returns; refuses with what it, or the answering, throws. */
export function answerBy(
  method: DirectMethod,
  host: CallHost,
  answer: (value: unknown) => void,
  refuse: (error: unknown) => void,
): void {
  try {
    const result = method.call(host);
    if (result instanceof Promise) result.then(answer).catch(refuse);
    else answer(result);
  } catch (error) {
    refuse(error);
  }
}

interface Parameter {
  readonly index: number;
  readonly data: unknown;
  readonly factory?: (data: unknown, host: CallHost) => unknown;
  readonly pipes: readonly unknown[];
}

/**
 * The methods whose every decorator is known here: guards, parameters that make themselves from the call, and the error
 * filter. Their calls need nothing that Nest does for each call; all others are left to it, as everything is where the
 * application has guards, pipes, interceptors or filters for all its controllers.
 */
export function directMethods(app: INestApplicationContext): readonly DirectMethod[] {
  const modules = [...app.get(ModulesContainer).values()];
  if (modules.some(hasGlobalEnhancers)) return [];
  return modules.flatMap((module) =>
    [...module.controllers.values()].flatMap((controller) => methodsOf(module, controller)),
  );
}

const globalEnhancers = [APP_GUARD, APP_PIPE, APP_INTERCEPTOR, APP_FILTER];

/** Nest keeps each under a token that begins with the one it was given. */
function hasGlobalEnhancers({ providers, injectables }: Module): boolean {
  return [...providers.keys(), ...injectables.keys()].some(
    (token) => typeof token === 'string' && globalEnhancers.some((known) => token.startsWith(known)),
  );
}

function methodsOf(module: Module, { instance, metatype }: InstanceWrapper): DirectMethod[] {
  if (typeof metatype !== 'function' || typeof instance !== 'object' || instance === null) return [];
  const controller = metatype as Type;
  return new MetadataScanner().getAllMethodNames(controller.prototype as object).flatMap((name) => {
    const handler = (instance as Record<string, Handler>)[name];
    const served = handler && (Reflect.getMetadata(SERVED_METHOD, handler) as ServedMethod | undefined);
    if (handler === undefined || served === undefined) return [];
    const guards = guardsOf(module, controller, handler);
    const parameters = parametersOf(controller, name);
    if (guards === undefined || parameters === undefined || !isPlain(controller, handler)) return [];
    const routes = [controller, handler].map((part) => Reflect.getMetadata(PATH_METADATA, part) as string);
    return [
      {
        ...served,
        path: `/${routes.join('/')}`,
        host: (type, args) => new CallHost(type, args, controller, handler),
        call: compose(guards, (host) =>
          handler.apply(
            instance,
            parameters.map((make) => make(host)),
          ),
        ),
      },
    ];
  });
}

function enhancers(key: string, controller: Type, handler: Handler): unknown[] {
  return [controller, handler].flatMap((part) => (Reflect.getMetadata(key, part) ?? []) as unknown[]);
}

/** Whether nothing is asked for but guards, parameters and the error answers that both transports have here. */
function isPlain(controller: Type, handler: Handler): boolean {
  return (
    enhancers(INTERCEPTORS_METADATA, controller, handler).length === 0 &&
    enhancers(PIPES_METADATA, controller, handler).length === 0 &&
    enhancers(EXCEPTION_FILTERS_METADATA, controller, handler).every((filter) => filter === ErrorFilter)
  );
}

/** Undefined where one is not to be had as an object that serves all calls. */
function guardsOf(module: Module, controller: Type, handler: Handler): CanActivate[] | undefined {
  const guards = enhancers(GUARDS_METADATA, controller, handler).map((type) => {
    const wrapper = module.injectables.get(type as Type);
    return wrapper?.isDependencyTreeStatic() ? (wrapper.instance as CanActivate) : undefined;
  });
  return guards.every((guard) => guard !== undefined) ? guards : undefined;
}

/** Undefined where one is not made by a decorator alone, as `@Body()` with its pipes. */
function parametersOf(controller: Type, name: string): ((host: CallHost) => unknown)[] | undefined {
  const declared = Object.values(
    (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<string, Parameter>,
  ).sort((a, b) => a.index - b.index);
  const made: ((host: CallHost) => unknown)[] = [];
  for (const { index, factory, data, pipes } of declared) {
    if (factory === undefined || pipes.length > 0 || index !== made.length) return undefined;
    made.push((host) => factory(data, host));
  }
  return made;
}

/** Without a promise where no guard has one: what is known already is answered at once. */
function compose(guards: readonly CanActivate[], answer: (host: CallHost) => unknown): (host: CallHost) => unknown {
  const [guard, ...others] = guards;
  if (guard === undefined) return answer;
  const rest = compose(others, answer);
  const admitted = (host: CallHost, passes: boolean) => {
    if (!passes) throw new ForbiddenException();
    return rest(host);
  };
  return (host) => {
    const passes = guard.canActivate(host);
    if (typeof passes === 'boolean') return admitted(host, passes);
    const later = isObservable(passes) ? lastValueFrom(passes) : passes;
    return later.then((value) => admitted(host, value));
  };
}
