import { request } from "node:http"
import { StringDecoder } from "node:string_decoder"

/** Told of a press by its action word. */
export type Pressed = (action: string) => void

/** Told of an alert that was raised: its condition, and what it is about (`device:panic-1`). */
export type Raised = (condition: string, key: string) => void

interface AlertEntry {
  readonly change: { readonly transition: string; readonly alert: { readonly condition: string; readonly key: string } }
}

/** An officer's stream, and whom it tells. */
export interface EntryStream {
  readonly onPress: (pressed: Pressed) => void
  readonly onAlert: (raised: Raised) => void
  readonly close: () => void
}

const press = '"_tag":"ButtonPressed","action":"'
const fact = '{"_tag":"Fact"'
const alert = '{"_tag":"Alert"'

/**
 * Opens `/api/v1/stream`. An entry is looked into only as far as it concerns anybody: the reader must not be what is
 * measured. A stream that ends before it is closed ends the process.
 */
export const openEntryStream = async (port: number, token: string): Promise<EntryStream> => {
  let pressed: Pressed = () => {}
  let raised: Raised = () => {}
  let closed = false
  const hear = (data: string): void => {
    if (data.startsWith(fact)) {
      const at = data.indexOf(press)
      if (at >= 0) pressed(data.slice(at + press.length, data.indexOf('"', at + press.length)))
    } else if (data.startsWith(alert)) {
      const { change } = JSON.parse(data) as AlertEntry
      if (change.transition === "raised") raised(change.alert.condition, change.alert.key)
    }
  }
  const headers = { authorization: `Bearer ${token}` }
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
    onPress: (next) => void (pressed = next),
    onAlert: (next) => void (raised = next),
    close: () => {
      closed = true
      asked.destroy()
    }
  }
}
