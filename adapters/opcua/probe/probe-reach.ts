import type { Reached } from "../../probing/reach.ts"
import { failed, type StepFailed } from "../../probing/steps.ts"
import type { Refused } from "../session/failures.ts"

/** OPC UA's own port, where an endpoint names none. */
const usualPort = 4840

/** Where a server listens: `opc.tcp://[2001:db8::7]:4840/path` is the host without its brackets, and the port. */
export const placeOf = (endpoint: string): Reached => {
  const { hostname, port: named } = new URL(endpoint)
  const host = hostname.replace(/^\[|\]$/g, "")
  const port = named === "" ? usualPort : Number(named)
  return {
    host,
    port,
    place: `${host} port ${port}`,
    who: "server",
    alive: "the server runs",
    closedPort: `check the port in the endpoint (${usualPort} is usual), and that the OPC UA server is switched on`
  }
}

/** Why a port that takes connections does not answer as an OPC UA server. */
export const noServer = ({ text, reason, status }: Refused): StepFailed => {
  if (status !== undefined)
    return failed(`the server does not tell what it offers (${status})`, "look into the server's own log")
  // The library speaks of its patience also where the other side has hung up.
  if (/hadError|ECONNRESET|EPIPE|disconnect|socket has been closed/i.test(text))
    return failed(
      "what answers there does not speak OPC UA, and hung up",
      `check the port in the endpoint (${usualPort} is usual): a web page has another one`
    )
  if (/timeout|timed out|no answer/i.test(text))
    return failed(
      "it takes connections and says nothing: no OPC UA server answers there",
      `check the port in the endpoint (${usualPort} is usual); if it is right, restart the server`
    )
  return failed(`what answers there does not speak OPC UA (${reason})`, "check the endpoint")
}
