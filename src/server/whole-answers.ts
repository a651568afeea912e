import type { ServerInterceptingCall, ServerInterceptor } from '@grpc/grpc-js';

// When a message could not be sent, grpc-js has ended the call already, and takes no second status.
const ignored = () => undefined;

/** Sends the status right behind the message, by the call's own ways. */
function sendWhole(this: ServerInterceptingCall, message: unknown, sent: () => void): void {
  const { sendMessage } = Object.getPrototypeOf(this) as ServerInterceptingCall;
  sendMessage.call(this, message, ignored);
  sent();
}

/**
 * Lets answers of methods that have one message each go out whole: grpc-js waits with the status until the message has been
 * written, so that an answer is two writes to the connection where one does.
 *
 * The call itself is changed, by a function that all of them share: another call around it, or a function of its own for
 * each, costs as much as this saves.
 */
export const wholeAnswers: ServerInterceptor = (method, call) => {
  const whole = call as ServerInterceptingCall;
  if (!method.responseStream) whole.sendMessage = sendWhole;
  return whole;
};
