// With a `lib` that knows explicit resource management.
import { Client, type ClientOptions } from 'wechatpay-rs';

declare const options: ClientOptions;

export async function disposable() {
  await using client = new Client(options);
  return client.mchid;
}
