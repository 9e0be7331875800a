import { join } from "node:path"
import Database from "better-sqlite3"
import { type GatewayFiles, ready, startGateway, stop } from "../../road/gateway-process.ts"
import { type EntryStream, openEntryStream } from "./entry-stream.ts"
import { type Subject, tie } from "./subject.ts"

/** The gateway as its operator starts it, with one officer's stream open. */
export interface GatewaySubject extends Subject {
  readonly onAlert: EntryStream["onAlert"]
  readonly pid: number
}

/** Starts the gateway and waits until its link is online and the stream is open. */
export const startGatewaySubject = async (files: GatewayFiles): Promise<GatewaySubject> => {
  const { child, log } = startGateway(files)
  tie(child)
  await ready(files).catch((cause: unknown) => {
    child.kill("SIGKILL")
    throw new Error(`the gateway did not start; it printed:\n${log()}`, { cause })
  })
  const token = /[A-Za-z0-9_-]{43}/.exec(log())?.[0] ?? ""
  const stream = await openEntryStream(files.port, token)
  return {
    name: "gateway",
    process: child,
    pid: child.pid ?? 0,
    onPress: stream.onPress,
    onAlert: stream.onAlert,
    stop: async () => {
      stream.close()
      await stop(child, "SIGTERM")
    }
  }
}

/** Throws unless the gateway's log holds exactly so many presses. */
export const expectPresses = ({ data }: GatewayFiles, expected: number): void => {
  const database = new Database(join(data, "gatehouse.db"), { readonly: true })
  const found = database
    .prepare<[], { readonly n: number }>(
      `SELECT count(*) AS n FROM entry WHERE kind = 'Fact'
       AND json_extract(body, '$.fact.observation.occurrence._tag') = 'ButtonPressed'`
    )
    .get()
  database.close()
  if (found?.n !== expected) throw new Error(`${expected} presses were published, ${found?.n} are in the log`)
}
