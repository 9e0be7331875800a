import { createSocket, type RemoteInfo, type Socket } from "node:dgram"
import { randomUUID } from "node:crypto"
import { Effect, type Scope } from "effect"
import { namespaces } from "./namespaces.ts"
import { type Discoverable, matches, type Probe, readProbe } from "./probe.ts"
import { element, leaf, nothing, verbatim, type Xml } from "./xml.ts"

/** How an answer to a probe is wrong. */
export type DiscoveryFault =
  | "none"
  /** Nobody answers. */
  | "silent"
  /** Not XML. */
  | "garbage"
  /** The datagram ends in the middle. */
  | "truncated"
  /** A ProbeMatch without XAddrs. */
  | "no-xaddrs"
  /** ProbeMatches without a ProbeMatch. */
  | "no-match"
  /** Every ProbeMatch twice in one message. */
  | "two-matches"
  /** RelatesTo names a probe that nobody sent. */
  | "wrong-relates-to"
  | "no-relates-to"
  /** Every device has the same endpoint address, as two cameras of one batch had. */
  | "shared-endpoint"
  /** Every answer comes three times. */
  | "repeated"
  /** An answer as large as a datagram can be. */
  | "huge"
  /** A document type declaration with an entity. */
  | "doctype"

export interface DiscoveryOptions {
  readonly devices: ReadonlyArray<Discoverable>
  /** Default 127.0.0.1; for multicast the interface's own address. */
  readonly host?: string
  /** Default 0: any that is free, for probes sent to it alone. WS-Discovery's own is 3702. */
  readonly port?: number
  /** Joins 239.255.255.250, WS-Discovery's group. */
  readonly multicast?: boolean
}

export interface Discovery {
  readonly host: string
  readonly port: number
  readonly probes: () => number
  readonly answers: () => number
  readonly setFault: (fault: DiscoveryFault) => void
  /** Changes who is there. */
  readonly setDevices: (devices: ReadonlyArray<Discoverable>) => void
}

const group = "239.255.255.250"

/** The most that one UDP datagram over IPv4 carries. */
const datagramMaxBytes = 65_507

/** WS-Addressing of August 2004, which WS-Discovery of April 2005 uses. */
const anonymous = `${namespaces["wsa-04"]}/role/anonymous`

const declarations = (["d", "dn", "tds"] as const).map((prefix) => ` xmlns:${prefix}="${namespaces[prefix]}"`).join("")

const matchXml = (device: Discoverable, fault: DiscoveryFault): Xml =>
  element(
    "d:ProbeMatch",
    {},
    element(
      "wsa:EndpointReference",
      {},
      leaf(
        "wsa:Address",
        fault === "shared-endpoint" ? "urn:uuid:00000000-0000-8000-8000-000000000001" : device.endpoint
      )
    ),
    leaf("d:Types", device.kind === "camera" ? "dn:NetworkVideoTransmitter tds:Device" : "tds:Device"),
    leaf("d:Scopes", device.scopes.join(" ")),
    fault === "no-xaddrs" ? nothing : leaf("d:XAddrs", device.xaddrs.join(" ")),
    leaf("d:MetadataVersion", 1)
  )

const relatesTo = (probe: Probe, fault: DiscoveryFault): Xml => {
  if (fault === "no-relates-to") return nothing
  return leaf("wsa:RelatesTo", fault === "wrong-relates-to" ? `urn:uuid:${randomUUID()}` : probe.messageId)
}

const matchesIn = (device: Discoverable, fault: DiscoveryFault): ReadonlyArray<Xml> => {
  if (fault === "no-match") return []
  const match = matchXml(device, fault)
  return fault === "two-matches" ? [match, match] : [match]
}

const probeMatches = (device: Discoverable, probe: Probe, fault: DiscoveryFault, messageNumber: number): string => {
  const header = element(
    "env:Header",
    {},
    leaf("wsa:MessageID", `urn:uuid:${randomUUID()}`),
    relatesTo(probe, fault),
    leaf("wsa:To", anonymous),
    leaf("wsa:Action", `${namespaces.d}/ProbeMatches`),
    element("d:AppSequence", { InstanceId: 1, MessageNumber: messageNumber })
  )
  const body = element("env:Body", {}, element("d:ProbeMatches", {}, ...matchesIn(device, fault)))
  return verbatim(
    `<?xml version="1.0" encoding="UTF-8"?>${fault === "doctype" ? '<!DOCTYPE e [<!ENTITY x "y">]>' : ""}` +
      `<env:Envelope xmlns:env="${namespaces.env}" xmlns:wsa="${namespaces["wsa-04"]}"${declarations}>${header}${body}</env:Envelope>`
  )
}

/** The datagrams that one device answers with. */
const datagrams = (answer: string, fault: DiscoveryFault): ReadonlyArray<Buffer> => {
  const bytes = Buffer.from(answer)
  switch (fault) {
    case "silent":
      return []
    case "garbage":
      return [Buffer.from([0x00, 0xff, 0x3c, 0x3c, 0x26, 0x00])]
    case "truncated":
      return [bytes.subarray(0, bytes.length >> 1)]
    case "repeated":
      return [bytes, bytes, bytes]
    case "huge":
      return [Buffer.concat([bytes, Buffer.alloc(datagramMaxBytes - bytes.length, 0x20)])]
    default:
      return [bytes]
  }
}

interface Place {
  readonly host: string
  readonly port: number
  readonly multicast: boolean
}

const bind = ({ host, port, multicast }: Place): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket({ type: "udp4", reuseAddr: multicast })
    socket.once("error", (error) => {
      socket.close()
      reject(error)
    })
    socket.bind(port, multicast ? "0.0.0.0" : host, () => {
      socket.removeAllListeners("error")
      // A datagram that cannot be sent is lost, as datagrams are.
      socket.on("error", () => {})
      if (multicast) socket.addMembership(group, host)
      resolve(socket)
    })
  })

/**
 * Answers probes for some devices (WS-Discovery of April 2005, as ONVIF Core has it); lives until the scope closes.
 * Fails when the port is taken. Each device answers with a datagram of its own.
 */
export const startDiscovery = Effect.fn("startDiscovery")(function* (
  options: DiscoveryOptions
): Effect.fn.Return<Discovery, Error, Scope.Scope> {
  const { host = "127.0.0.1", port = 0, multicast = false } = options
  let { devices } = options
  let fault: DiscoveryFault = "none"
  let [probes, answers, messageNumber] = [0, 0, 0]
  const socket = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () => bind({ host, port, multicast }),
      catch: (cause) => (cause instanceof Error ? cause : new Error(String(cause)))
    }),
    (opened) => Effect.callback<void>((resume) => void opened.close(() => resume(Effect.void)))
  )
  const hear = (datagram: Buffer, from: RemoteInfo): void => {
    const probe = readProbe(datagram.toString("utf8"))
    if (probe === undefined) return
    probes++
    for (const device of devices.filter((candidate) => matches(candidate, probe))) {
      for (const answer of datagrams(probeMatches(device, probe, fault, ++messageNumber), fault)) {
        answers++
        socket.send(answer, from.port, from.address)
      }
    }
  }
  socket.on("message", hear)
  return {
    host,
    port: socket.address().port,
    probes: () => probes,
    answers: () => answers,
    setFault: (change) => {
      fault = change
    },
    setDevices: (change) => {
      devices = change
    }
  }
})
