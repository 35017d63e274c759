import type { ClientOptions } from './index.js';

/** A local WeChat Pay for tests: verifies what you send, signs its answers, keeps orders, sends notifications. */
export class Sandbox {
  private constructor();
  /** Where it listens. */
  readonly url: string;
  /** Keys, certificates, appid and openid, all made up. */
  readonly credentials: { [name: string]: any };
  /** Options for `new Client(…)`. */
  readonly clientOptions: ClientOptions;
  /** Plays the payer: pays the order, upon which the sandbox notifies its `notify_url`. */
  pay(outTradeNo: string, body?: object): Promise<any>;
  /** Makes something go wrong. */
  fault(rule: object): Promise<any>;
  /** Calls the control plane. */
  control(method: string, path: string, body?: object): Promise<any>;
  close(): Promise<void>;
}

export interface SandboxOptions {
  /** The program; otherwise the environment variable WECHATPAY_SANDBOX, otherwise the package `wechatpay-sandbox`, otherwise that name on the PATH. */
  program?: string;
  /** More arguments for it: `--public-key-only`, `--lenient`. */
  args?: string[];
}

/** Starts a sandbox on a free port. It ends with this process, whatever happens. */
export function startSandbox(options?: SandboxOptions): Promise<Sandbox>;
