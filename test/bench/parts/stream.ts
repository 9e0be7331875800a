import { request } from "node:http"
import { StringDecoder } from "node:string_decoder"

/** Whose stream it is, and the entry it begins behind; absent: what comes from now on. */
export interface StreamOf {
  readonly port: number
  readonly token: string
  readonly after?: number
}

/** What an entry's JSON stands behind, up to the end of its line: its frame has two lines before it. */
const data = "\ndata: "

/**
 * Reads `/api/v1/stream`, and hands each entry on as the JSON it came as. A stream that ends before it is closed ends the
 * process.
 */
export const openStream = async (
  { port, token, after }: StreamOf,
  hear: (entry: string) => void
): Promise<{ readonly close: () => void }> => {
  let closed = false
  const since = after === undefined ? {} : { "last-event-id": String(after) }
  const headers = { authorization: `Bearer ${token}`, ...since }
  const asked = request({ port, host: "127.0.0.1", path: "/api/v1/stream", headers })
  await new Promise<void>((resolve, reject) => {
    asked.once("error", reject)
    asked.once("response", (response) => {
      if (response.statusCode !== 200) return reject(new Error(`the stream answers ${response.statusCode}`))
      const decoder = new StringDecoder("utf8")
      let rest = ""
      response.on("data", (chunk: Buffer) => {
        const text = rest + decoder.write(chunk)
        let read = 0
        for (let at = text.indexOf(data); at >= 0; at = text.indexOf(data, read)) {
          const end = text.indexOf("\n", at + data.length)
          if (end < 0) break
          hear(text.slice(at + data.length, end))
          read = end
        }
        rest = text.slice(read)
      })
      response.on("close", () => {
        if (!closed) throw new Error("the gateway has ended the officer's stream: it was not read fast enough")
      })
      resolve()
    })
    asked.end()
  })
  return {
    close: () => {
      closed = true
      asked.destroy()
    }
  }
}
