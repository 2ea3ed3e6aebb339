/** An invocation that never reached its function, as the Invoke API says it. */
export class LambdaRefusal extends Error {
  override readonly name: string;
  readonly status: number;

  private constructor(name: string, status: number, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }

  static notFound(name: string): LambdaRefusal {
    return new LambdaRefusal('ResourceNotFoundException', 404, `Function not found: ${name}`);
  }

  static tooLarge(bytes: number): LambdaRefusal {
    const message = `Request must be smaller than ${bytes} bytes for the InvokeFunction operation`;
    return new LambdaRefusal('RequestTooLargeException', 413, message);
  }

  static malformed(reason: string): LambdaRefusal {
    const message = `Could not parse request body into json: ${reason}`;
    return new LambdaRefusal('InvalidRequestContentException', 400, message);
  }

  static invalid(message: string): LambdaRefusal {
    return new LambdaRefusal('InvalidParameterValueException', 400, message);
  }

  static throttled(): LambdaRefusal {
    return new LambdaRefusal('TooManyRequestsException', 429, 'Rate Exceeded.');
  }

  static unavailable(reason: string): LambdaRefusal {
    return new LambdaRefusal('ServiceException', 500, reason);
  }
}
