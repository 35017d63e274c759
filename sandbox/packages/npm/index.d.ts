/**
 * The path of the program `wechatpay-sandbox` for this machine.
 *
 * @throws Error when its platform package is not installed.
 */
export function program(): string;
