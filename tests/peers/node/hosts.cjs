// What an entry in the hosts file and a listener at port 443 would do, for programs whose HTTP library knows no proxy: their
// TLS connections to WeChat Pay's names go to the sandbox's TLS listener. Nothing else is changed: name, SNI and certificate are checked.

const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const https = require('node:https')

const { tls_address } = JSON.parse(readFileSync(join(process.env.SANDBOX_FOLDER, 'credentials.json'), 'utf8'))
const [host, port] = tls_address.split(':')
const connect = https.Agent.prototype.createConnection

https.Agent.prototype.createConnection = function (options, ...rest) {
  const there = /(^|\.)(weixin\.qq\.com|wechatpay\.cn)$/.test(options.host)
  return connect.call(this, there ? { ...options, host, port, servername: options.servername || options.host } : options, ...rest)
}
