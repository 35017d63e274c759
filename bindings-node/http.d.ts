import type { Client, Notification, NotificationReply } from './index.js';

/** Options of an adapter. */
export interface AdapterOptions<Context extends unknown[]> {
  /**
   * Is told why a notification was refused or not processed; without it, `console.error` is. What WeChat Pay is answered
   * does not depend on it.
   */
  onError?: (error: unknown, ...context: Context) => unknown;
}

/**
 * Stores the notification. When it is done WeChat Pay is answered that it need not come again; when it throws, the notification
 * comes again. So throw for everything that you do not understand: another `type` (`null` too), an order that you do not know. WeChat
 * Pay waits five seconds: store and return, work later. To a notification that asks for an answer (`parking.reminders.fee_asked`) it
 * returns that of `client.notifications.answer`; a handler that gives none has failed.
 */
export type Handler<Context extends unknown[]> = (
  notification: Notification,
  ...context: Context
) => unknown;

/** What is needed of a Node, Express or Nest request. */
export interface NodeRequest extends AsyncIterable<any> {
  headers: { [name: string]: string | string[] | undefined };
  body?: any;
  rawBody?: any;
}

/** What is needed of a Node, Express or Nest response. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body?: string): unknown;
}

/** What is needed of a Koa context. */
export interface KoaContext {
  headers: { [name: string]: string | string[] | undefined };
  req: AsyncIterable<any>;
  request: any;
  status: number;
  type: string;
  body: any;
}

/** What WeChat Pay is answered by those who do not use an adapter; when parsing failed, the error's `notificationReply`. */
export const notificationReplies: {
  /** The notification is understood and stored, or was before. */
  readonly accepted: NotificationReply;
  /** It is good but was not stored, or is not understood: WeChat Pay sends it again. */
  readonly handlerFailed: NotificationReply;
};

/** The body was parsed before the adapter saw it. */
export class RawBodyError extends TypeError {
  code: 'WECHATPAY_RS_RAW_BODY';
}

/** For Express, Connect, `node:http`, and a Nest controller's `@Req() req, @Res() res`. Mount it before `express.json()`. */
export function express<Req extends NodeRequest>(
  client: Client,
  handler: Handler<[Req]>,
  options?: AdapterOptions<[Req]>,
): (req: Req, res: NodeResponse) => Promise<void>;

/** For Koa. Mount it before the body parser. */
export function koa<Ctx extends KoaContext>(
  client: Client,
  handler: Handler<[Ctx]>,
  options?: AdapterOptions<[Ctx]>,
): (ctx: Ctx) => Promise<void>;

/** A Fastify plugin with one POST route, whose body stays raw while the rest of the application parses JSON. */
export function fastify(
  client: Client,
  path: string,
  handler: Handler<[any]>,
  options?: AdapterOptions<[any]>,
): (instance: any) => Promise<void>;

/** `Request` → `Response`: Next.js, Hono, Deno, Bun, service workers' style. */
export function fetchHandler(
  client: Client,
  handler: Handler<[Request]>,
  options?: AdapterOptions<[Request]>,
): (request: Request) => Promise<Response>;

/** Verifies a notification out of a Node, Express or Nest request (`rawBody: true`), and leaves the replying to you. */
export function readNotification(client: Client, request: NodeRequest): Promise<Notification>;
