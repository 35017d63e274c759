// The merchant of the sandbox: its keys, its receiver of notifications, and the hand that plays the payer.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

export const folder = process.env.SANDBOX_FOLDER
export const credentials = JSON.parse(readFileSync(join(folder, 'credentials.json'), 'utf8'))
export const jpeg = Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), Buffer.alloc(200), Buffer.from('ffd9', 'hex')])

export const number = () => randomBytes(12).toString('hex')

/** The day it is in China. */
export const today = () => new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)

/** Says something to the control plane. */
export async function play(path, body = {}) {
  const url = `${credentials.base_url}/sandbox/${path}`
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
}

/** Where notifications go, and a promise of the next. */
export async function receiver(test) {
  const arrived = []
  const server = createServer(async (request, response) => {
    const parts = []
    for await (const part of request) parts.push(part)
    response.writeHead(204).end()
    arrived.push({ headers: request.headers, body: Buffer.concat(parts).toString() })
    server.emit('arrived')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.after(() => server.close())
  const next = async () => {
    if (arrived.length === 0) await once(server, 'arrived')
    return arrived.shift()
  }
  return { url: `http://127.0.0.1:${server.address().port}/notify`, next }
}
