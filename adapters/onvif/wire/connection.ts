import type { X509Certificate } from "node:crypto"
import { Data, type Effect } from "effect"
import type { XmlElement } from "./xml-element.ts"

/** A SOAP fault, its codes without prefixes: `Sender`, then such as `NotAuthorized`, `InvalidArgVal`. */
export interface SoapFault {
  readonly code: string
  readonly subcodes: ReadonlyArray<string>
  readonly reason: string
  /** The names of what stands in its detail, without prefixes: WS-BaseFaults names a fault there. */
  readonly detail: ReadonlyArray<string>
}

/**
 * A call that brought no usable answer. `unauthorized`: the device refuses who we are, also when it says so in a fault;
 * `unpinned`: its certificate is not the one that was enrolled, or nobody vouches for it where none was;
 * `unreadable`: it answered with what is no SOAP, or broke off.
 */
export class CallFailed extends Data.TaggedError("CallFailed")<{
  readonly kind: "unreachable" | "timeout" | "unpinned" | "unauthorized" | "fault" | "http" | "unreadable"
  readonly reason: string
  readonly fault?: SoapFault
  /** HTTP status, where there was one. */
  readonly status?: number
  /** The device closed the connection so long after the whole request, without a byte of an answer. */
  readonly closedAfterMs?: number
  /** There was no connection: the device has seen nothing of the request. */
  readonly unsent?: true
  /** What came, redacted, at most 4 kB. */
  readonly raw?: string
}> {
  override get message(): string {
    return this.reason
  }
}

/** WS-Addressing of one call: where it goes, and what the device wants echoed. */
export interface Addressing {
  readonly to: string
  /** Reference parameters of the subscription, each as the XML it came as. */
  readonly referenceParameters: ReadonlyArray<XmlElement>
}

export interface Call {
  readonly url: string
  /** The SOAP action's URI, as the WSDL gives it. */
  readonly action: string
  /** What stands inside the SOAP body. */
  readonly body: string
  /** Absent: no WS-Addressing headers but Action and MessageID. */
  readonly addressing?: Addressing
  readonly timeoutMs: number
  /** GetSystemDateAndTime is asked without credentials first. */
  readonly anonymous?: boolean
  /** What it asks for must not be done twice: no request of it goes out again where the device may have done it. */
  readonly once?: boolean
}

export interface Answer {
  /** The SOAP body's first element. */
  readonly body: XmlElement
  /** The whole envelope as text, our own credentials in it redacted. */
  readonly raw: string
  /** When the answer was complete, by our clock, epoch milliseconds. */
  readonly receivedAt: number
  /** From the request's last byte to the answer's first, milliseconds: bounds how wrong a clock comparison can be. */
  readonly tookMs: number
}

export interface Fetched {
  readonly bytes: Uint8Array
  readonly contentType: string
  readonly receivedAt: number
}

/** One device's HTTP side: authentication, TLS and limits are its own; it holds no more than one idle socket a host. */
export interface Connection {
  readonly call: (call: Call) => Effect.Effect<Answer, CallFailed>
  /** GET with the same authentication and TLS, no redirects, for snapshots. */
  readonly fetch: (options: {
    readonly url: string
    readonly timeoutMs: number
    readonly maxBytes: number
  }) => Effect.Effect<Fetched, CallFailed>
  /** The device's clock minus ours, for WS-UsernameToken's `Created`; set by whoever measures it. */
  readonly setClockOffset: (offsetMs: number) => void
}

/** Who we are at a device, and which certificate it must show. */
export interface Access {
  readonly username?: string
  readonly password?: string
  /** `auto`: HTTP digest where the device offers it, else WS-UsernameToken; never both in one request. */
  readonly authentication: "auto" | "digest" | "username-token"
  readonly tls?: {
    /** PEM. */
    readonly ca?: string
    /** SHA-256 of the certificate enrolled for the device, hex; then nothing else is trusted, and no CA is asked. */
    readonly fingerprint?: string
  }
  /** Told of the certificate of each secured connection, once it is trusted. */
  readonly certificateShown?: (certificate: X509Certificate) => void
}
