import type { GatewaySubject } from "./gateway-subject.ts"

/** No queue of the gateway's holds anything longer, however slow the machine: an alert that has not come by then is lost. */
const lostAfterMs = 300_000

/** Has something happen and waits for the alert about `key`: the milliseconds from the one to the other. */
export const alertAfter = (gateway: GatewaySubject, key: string, happen: () => void): Promise<number> =>
  new Promise((resolve, reject) => {
    const lost = setTimeout(() => reject(new Error(`no alert about ${key} within ${lostAfterMs} ms`)), lostAfterMs)
    const startedAt = performance.now()
    gateway.onAlert((_, about) => {
      if (about !== key) return
      clearTimeout(lost)
      resolve(performance.now() - startedAt)
    })
    happen()
  })
