/** Makes what `new Error` makes, without the stack trace that the constructor of Error takes. */
function stackless(): void {}
stackless.prototype = Error.prototype;
const StacklessError: ErrorConstructor = Object.setPrototypeOf(stackless, Error);

/**
 * The base of errors that are answers: whoever throws one knows its cause. It has no stack trace, for that takes longer
 * than the rest of the request, and under load each request may be answered with a fault.
 */
export class Failure extends StacklessError {
  override readonly name: string = 'Failure';
  override message: string;
  override readonly cause: unknown;

  constructor(message: string, options?: ErrorOptions) {
    super();
    this.message = message;
    this.cause = options?.cause;
  }

  /** Names no place; an error that is its `cause` may. */
  override get stack(): string {
    return `${this.name}: ${this.message}`;
  }

  /** Libraries write it, as that of any other error. */
  override set stack(value: string) {
    Object.defineProperty(this, 'stack', { value, writable: true, configurable: true });
  }
}
