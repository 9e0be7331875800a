import { request } from "node:http"
import { StringDecoder } from "node:string_decoder"

/**
 * Reads `/api/v1/stream` from the log's beginning, and hands each entry on as the JSON it came as. A stream that ends
 * before it is closed ends the process.
 */
export const openWholeStream = async (
  port: number,
  token: string,
  hear: (entry: string) => void
): Promise<{ readonly close: () => void }> => {
  let closed = false
  const headers = { authorization: `Bearer ${token}`, "last-event-id": "0" }
  const asked = request({ port, host: "127.0.0.1", path: "/api/v1/stream", headers })
  await new Promise<void>((resolve, reject) => {
    asked.once("error", reject)
    asked.once("response", (response) => {
      if (response.statusCode !== 200) return reject(new Error(`the stream answers ${response.statusCode}`))
      const decoder = new StringDecoder("utf8")
      let rest = ""
      response.on("data", (chunk: Buffer) => {
        const lines = (rest + decoder.write(chunk)).split("\n")
        rest = lines.pop() ?? ""
        for (const line of lines) if (line.startsWith("data: ")) hear(line.slice(6))
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
