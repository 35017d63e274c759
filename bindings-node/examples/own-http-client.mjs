// With an HTTP client of your own: `prepare` signs, `finish` verifies and decodes. Nothing is sent in between but by you.
import { request } from 'undici';

export async function withFetch(client, out_trade_no) {
  const signed = await client.prepare('payments.query_by_out_trade_no', { out_trade_no });
  const response = await fetch(signed.url, signed);
  return client.finish('payments.query_by_out_trade_no', response);
}

export async function withUndici(client, out_trade_no) {
  const { url, ...signed } = await client.prepare('payments.query_by_out_trade_no', { out_trade_no });
  const answer = await request(url, signed);
  return client.finish('payments.query_by_out_trade_no', answer);
}
