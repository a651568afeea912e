import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';

type Listener = Parameters<ServerInterceptingCall['start']>[0];
type Metadata = Parameters<ServerInterceptingCall['sendMetadata']>[0];
type Status = Parameters<ServerInterceptingCall['sendStatus']>[0];

/**
 * Sends the status right behind the only message: grpc-js waits until the message has been written, so that an answer is
 * two writes to the connection where one does.
 */
class WholeAnswer extends ServerInterceptingCall {
  constructor(private readonly call: ServerInterceptingCall) {
    super(call);
  }

  override start(listener: Listener): void {
    this.call.start(listener);
  }

  override sendMetadata(metadata: Metadata): void {
    this.call.sendMetadata(metadata);
  }

  override sendMessage(message: unknown, sent: () => void): void {
    this.call.sendMessage(message, ignored);
    sent();
  }

  override sendStatus(status: Status): void {
    this.call.sendStatus(status);
  }
}

// When a message could not be sent, grpc-js has ended the call already, and takes no second status.
const ignored = () => undefined;

/** Lets answers of methods that have one message each go out whole. */
export const wholeAnswers: ServerInterceptor = (method, call) =>
  method.responseStream ? (call as ServerInterceptingCall) : new WholeAnswer(call as ServerInterceptingCall);
