import { Metadata, status } from '@grpc/grpc-js';
import { type ArgumentsHost, Logger, NotFoundException } from '@nestjs/common';
import { lastValueFrom, type Observable } from 'rxjs';
import { beforeEach, expect, it, vi } from 'vitest';
import { ErrorFilter } from './error.filter.js';
import { authenticateFailure, requiredParameter } from './errors.js';

const ID = 'request-1';
const filter = new ErrorFilter();
const logged = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);

beforeEach(() => logged.mockClear());

async function overGrpc(thrown: unknown): Promise<{ code: status; details: string; id: unknown }> {
  const metadata = new Metadata();
  metadata.set('x-request-id', ID);
  const host = { getType: () => 'rpc', getArgs: () => [{}, metadata, {}] } as unknown as ArgumentsHost;
  const refused = (await lastValueFrom(filter.catch(thrown, host) as Observable<never>).catch(
    (error: unknown) => error,
  )) as { code: status; details: string; metadata: Metadata };
  return { code: refused.code, details: refused.details, id: refused.metadata.get('x-request-id')[0] };
}

function overHttp(thrown: unknown): { status: number; headers: Record<string, string>; body: unknown } {
  const answer = { status: 0, headers: {} as Record<string, string>, body: undefined as unknown };
  const reply = {
    status: (code: number) => ((answer.status = code), reply),
    header: (name: string, value: string) => ((answer.headers[name] = value), reply),
    send: (body: unknown) => ((answer.body = body), reply),
  };
  const request = { method: 'POST', url: '/no/such/route', headers: { 'x-request-id': ID } };
  const host = {
    getType: () => 'http',
    getArgs: () => [request, reply],
    switchToHttp: () => ({ getRequest: () => request, getResponse: () => reply }),
  } as unknown as ArgumentsHost;
  filter.catch(thrown, host);
  return answer;
}

it('tells a refusal with its code, its message and the id of the request, alike on both transports', async () => {
  const [code, message] = ['ERROR_REQUIRED_PARAMETER', 'Required parameter. (key = version)'];
  expect(await overGrpc(requiredParameter('version'))).toEqual({
    code: status.INVALID_ARGUMENT,
    details: `${code}: ${message}`,
    id: ID,
  });
  expect(overHttp(requiredParameter('version'))).toEqual({
    status: 400,
    headers: { 'x-request-id': ID },
    body: { detail: { code, message } },
  });
  expect(logged).not.toHaveBeenCalled();
});

it('logs what nobody foresaw, and tells callers nothing of it but the id of the request', async () => {
  const secret = new Error('mongodb://admin:secret@database');
  const { code, details } = await overGrpc(secret);
  expect(code).toBe(status.INTERNAL);
  const { status: httpStatus, body } = overHttp(secret);
  expect(httpStatus).toBe(500);
  for (const told of [details, JSON.stringify(body)]) {
    expect(told).toMatch(/ERROR_UNKNOWN.*\(id = request-1\)/);
    expect(told).not.toContain('secret');
  }
  expect(logged).toHaveBeenCalledTimes(2);
  expect(JSON.stringify(logged.mock.calls)).toContain('secret');
});

it('says how to authenticate where that failed, and which route there is not', () => {
  expect(overHttp(authenticateFailure('there is none')).headers['www-authenticate']).toBe('Bearer');
  expect(overHttp(new NotFoundException())).toMatchObject({
    status: 404,
    body: { detail: { code: 'ERROR_NOT_FOUND', message: 'There is no such route. (route = POST /no/such/route)' } },
  });
});

it('tells what the HTTP server itself refuses as a bad argument', () => {
  const tooLarge = Object.assign(new Error('Request body is too large'), { statusCode: 413 });
  expect(overHttp(tooLarge)).toMatchObject({
    status: 400,
    body: { detail: { code: 'ERROR_INVALID_ARGUMENT', message: expect.stringContaining('Request body is too large') } },
  });
});
