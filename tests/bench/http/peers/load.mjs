// Load from standard input's {url, connections, seconds, bodies}; the outcome as one line of JSON.
import { readFileSync } from 'node:fs'
import autocannon from 'autocannon'

const { url, connections, seconds, bodies } = JSON.parse(readFileSync(0, 'utf8'))
const headers = { 'content-type': 'application/json' }
const requests = bodies.map((body) => ({ method: 'POST', headers, body }))
// autocannon's connections would all send the same at the same time, which is computed once
let taken = 0
const setupClient = (client) => {
  const own = taken++
  client.setRequests(requests.filter((_, place) => requests.length < connections || place % connections === own))
}
const { latency, requests: counted, non2xx, errors } = await autocannon({ url, connections, duration: seconds, requests: requests.slice(0, 1), setupClient })
console.log(JSON.stringify({ rate: counted.average, p50: latency.p50, p99: latency.p99, failed: non2xx + errors }))
