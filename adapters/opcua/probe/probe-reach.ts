import { lookup } from "node:dns/promises"
import { connect, isIP } from "node:net"
import { Effect } from "effect"
import type { Refused } from "../session/failures.ts"
import { type Found, leftOut, StepFailed } from "./probe-step.ts"

type NodeError = Error & { readonly code?: string }

/** A name server that has not answered by then does not. */
const lookupMs = 5000

/** A server of the campus takes a connection at once, or not at all. */
const connectMs = 5000

/** Where a server listens. */
export interface Place {
  readonly host: string
  readonly port: number
}

/** OPC UA's own port, where an endpoint names none. */
const usualPort = 4840

/** `opc.tcp://[2001:db8::7]:4840/path` is the host without its brackets, and the port. */
export const placeOf = (endpoint: string): Place => {
  const { hostname, port } = new URL(endpoint)
  return { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? usualPort : Number(port) }
}

const failed = (said: string, todo: string): StepFailed => new StepFailed({ said, todo })

const unresolved = (host: string, code: string): StepFailed =>
  code === "ENOTFOUND"
    ? failed(
        `no address is known for "${host}"`,
        "write the server's IP address instead, or add the name to the DNS that this machine asks"
      )
    : failed(
        `the name server does not say where "${host}" is (${code})`,
        "check this machine's DNS, or write the server's IP address instead"
      )

/** Looks a server's name up, where it has one. */
export const findName = ({ host }: Place): Effect.Effect<Found<void>, StepFailed> => {
  if (isIP(host) !== 0) return Effect.succeed(leftOut("the server is called by its address"))
  return Effect.tryPromise({
    try: () => lookup(host, { all: true }),
    catch: (cause) => unresolved(host, (cause as NodeError).code ?? "unknown")
  }).pipe(
    Effect.timeoutOrElse({ duration: lookupMs, orElse: () => Effect.fail(unresolved(host, "it takes too long")) }),
    Effect.map((found) => {
      const addresses = found.map(({ address }) => address)
      return { value: undefined, said: `${host} is ${addresses.join(", ")}`, facts: { addresses } }
    })
  )
}

const silent =
  "check that the server runs and has a cable, and that no firewall or other VLAN stands between it and this machine"

const unconnected = ({ host, port }: Place, error: NodeError): StepFailed => {
  // Of several addresses tried, the first one's failure says most.
  const first = error instanceof AggregateError ? (error.errors[0] as NodeError | undefined) : undefined
  switch ((first ?? error).code ?? "") {
    case "ECONNREFUSED":
      return failed(
        `nothing listens at ${host} port ${port}`,
        `check the port in the endpoint (${usualPort} is usual), and that the OPC UA server is switched on`
      )
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EHOSTDOWN":
      return failed(
        `there is no way to ${host} port ${port}`,
        `check this machine's own network: \`ip route get ${host}\` tells which way it would go`
      )
    case "ETIMEDOUT":
      return failed(`nothing answers at ${host} port ${port}`, silent)
    default:
      return failed(`${host} port ${port} cannot be connected to (${(first ?? error).message})`, silent)
  }
}

/** Opens a TCP connection, and closes it. */
export const reach = (place: Place): Effect.Effect<Found<void>, StepFailed> =>
  Effect.callback<Found<void>, StepFailed>((resume) => {
    const { host, port } = place
    const socket = connect({ host, port })
    socket.once("connect", () => {
      const address = socket.remoteAddress ?? host
      socket.destroy()
      resume(
        Effect.succeed({
          value: undefined,
          said: `${address} port ${port} takes connections`,
          facts: { address, port }
        })
      )
    })
    socket.on("error", (error) => resume(Effect.fail(unconnected(place, error))))
    return Effect.sync(() => void socket.destroy())
  }).pipe(
    Effect.timeoutOrElse({
      duration: connectMs,
      orElse: () =>
        Effect.fail(failed(`nothing answers at ${place.host} port ${place.port} within ${connectMs / 1000} s`, silent))
    })
  )

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
