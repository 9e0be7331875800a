import { get } from "node:http"

/** How often it is asked, milliseconds. */
const everyMs = 50

/** How long the gateway lets one who asks `GET /healthz` wait, on a connection of its own, milliseconds. */
const answerMs = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const askedAt = performance.now()
    get({ agent: false, port, host: "127.0.0.1", path: "/healthz" }, (response) => {
      response.resume()
      resolve(performance.now() - askedAt)
    }).on("error", reject)
  })

/**
 * The longest that the gateway lets anybody wait while `work` goes on, as seen from outside: it is asked at a steady
 * rate, whether or not it has answered before.
 */
export const longestStall = async <A>(
  port: number,
  work: () => Promise<A>
): Promise<{ readonly longestMs: number; readonly result: A }> => {
  const answers: Array<Promise<number>> = []
  const ask = (): void => void answers.push(answerMs(port))
  const timer = setInterval(ask, everyMs)
  const result = await work().finally(() => clearInterval(timer))
  ask()
  return { longestMs: Math.max(...(await Promise.all(answers))), result }
}
