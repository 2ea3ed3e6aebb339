// The program of a container: `node container.ts FILE EXPORT`. It loads a handler once and runs one request at a time.
import { flushCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import { type Failure, isRequest, type Report, type Request } from './messages.ts';
import { peakMemory } from './proc.ts';
import { isFields } from './shapes.ts';

type Handler = (event: unknown, context: object) => unknown;
type Answer = { readonly payload: string; readonly failed: boolean; readonly final?: boolean };

const [, , file = '', exportName = ''] = process.argv;
const name = process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? '';
// It was for node.
delete process.env['NODE_COMPILE_CACHE'];

// A terminal interrupts the whole group of processes; when the functions end is for the parent to say.
process.on('SIGINT', () => undefined);
// The channel closes with the parent, whatever ended it.
process.on('disconnect', () => process.exit());
process.on('uncaughtException', (error) => die(failureOf(error)));
process.on('unhandledRejection', (reason) => die(failureOf(reason, 'Runtime.UnhandledPromiseRejection')));
if (!process.connected) process.exit();

try {
  const handler = await load();
  process.on('message', (message) => {
    if (isRequest(message)) void run(handler, message).then(answer);
  });
  send({ kind: 'ready' });
} catch (error) {
  die(failureOf(error, initErrorType(error)));
}

async function load(): Promise<Handler> {
  const loaded: unknown = await import(pathToFileURL(file).href);
  // Now: one that is killed does not come to it.
  flushCompileCache();
  const handler = isFields(loaded) ? loaded[exportName] : undefined;
  if (!isHandler(handler)) throw named('Runtime.HandlerNotFound', `${exportName} is undefined or not exported`);
  if (handler.length >= 3) {
    // Source: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
    throw named('Runtime.CallbackHandlerDeprecated', 'Node.js 24 functions return a promise and take no callback');
  }
  return handler;
}

async function run(handler: Handler, request: Request): Promise<Answer> {
  try {
    const event: unknown = JSON.parse(request.payload);
    return { payload: toJson(await handler(event, contextOf(request))), failed: false };
  } catch (error) {
    return { payload: JSON.stringify(failureOf(error)), failed: true };
  }
}

function toJson(result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch {
    throw named('Runtime.JSONStringifyError', 'Unable to stringify response body');
  }
}

function contextOf({ requestId, deadline }: Request): object {
  return {
    awsRequestId: requestId,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: process.env['LOCAL_FUNCTION_ARN'],
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: `local/[$LATEST]${process.pid}`,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function answer({ payload, failed, final = false }: Answer, done?: () => void): void {
  send({ kind: 'answer', payload, failed, final, peakMemoryBytes: peakMemory() }, done);
}

function send(report: Report, done: () => void = () => undefined): void {
  process.send?.(report, undefined, undefined, done);
}

function die(failure: Failure): void {
  answer({ payload: JSON.stringify(failure), failed: true, final: true }, () => process.exit(1));
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

function named(errorType: string, message: string): Error {
  return Object.assign(new Error(message), { name: errorType });
}

function failureOf(error: unknown, errorType?: string): Failure {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  const errorMessage = errorType === undefined ? error.message : String(error);
  return { errorType: errorType ?? error.name, errorMessage, trace: error.stack?.split('\n') ?? [] };
}

function initErrorType(error: unknown): string | undefined {
  if (error instanceof SyntaxError) return 'Runtime.UserCodeSyntaxError';
  if (isFields(error) && error['code'] === 'ERR_MODULE_NOT_FOUND') return 'Runtime.ImportModuleError';
  return undefined;
}
