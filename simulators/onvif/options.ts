import type { DoorOptions } from "../campus/door-machine.ts"

export interface Identity {
  readonly manufacturer: string
  readonly model: string
  readonly serial: string
  readonly firmware: string
}

export interface User {
  readonly name: string
  readonly password: string
}

/** What a device accepts as proof of who asks. HTTP digest also guards the picture of a `username-token` device. */
export type Authentication = "digest-md5" | "digest-sha256" | "digest-both" | "username-token" | "any" | "none"

/** A camera's eye. */
export interface VideoSource {
  readonly token: string
  /** Written into the picture. */
  readonly name: string
}

/** A digital input or relay output, by its token. */
export interface Port {
  readonly token: string
}

/** One side of a door with a reader. */
export interface AccessPointOptions {
  readonly token: string
  readonly name: string
  /** Token of the door it gives access to. */
  readonly door: string
  readonly areaFrom?: string
  readonly areaTo?: string
  /** It sees a request to exit, or lets somebody in without a credential otherwise. */
  readonly anonymous?: boolean
  /** It knows identifiers (card numbers) and no credentials. */
  readonly identifiers?: boolean
}

export interface AreaOptions {
  readonly token: string
  readonly name: string
}

export interface CredentialOptions {
  readonly token: string
  readonly holder: string
  readonly description?: string
  /** `pt:Card`, a format such as `WIEGAND26`, and the value in hexadecimal. */
  readonly identifiers: ReadonlyArray<{ readonly type: string; readonly format: string; readonly hex: string }>
}

/** What a simulated device is. */
export interface OnvifDeviceOptions {
  readonly kind: "camera" | "door-controller"
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any that is free. */
  readonly port?: number
  readonly identity?: Partial<Identity>
  readonly users?: ReadonlyArray<User>
  /** Default `digest-both`. */
  readonly authentication?: Authentication
  /** PEM; the device then speaks HTTPS only. */
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly inputs?: ReadonlyArray<Port>
  readonly relays?: ReadonlyArray<Port>
  /** Default for a camera: one. */
  readonly videoSources?: ReadonlyArray<VideoSource>
  readonly doors?: ReadonlyArray<DoorOptions>
  readonly accessPoints?: ReadonlyArray<AccessPointOptions>
  readonly areas?: ReadonlyArray<AreaOptions>
  readonly credentials?: ReadonlyArray<CredentialOptions>
  /** Epoch milliseconds by the device's own clock, before any skew by fault. Default: the truth. */
  readonly clock?: () => number
  /** Most entries one list answer has, whatever Limit asks (MaxLimit). */
  readonly listLimit?: number
}

export type CompleteOptions = Required<Omit<OnvifDeviceOptions, "tls" | "identity">> & {
  readonly identity: Identity
  readonly tls: OnvifDeviceOptions["tls"]
}

const identities: Readonly<Record<OnvifDeviceOptions["kind"], Identity>> = {
  camera: { manufacturer: "Gatehouse", model: "Simulated camera", serial: "SIM-CAM-1", firmware: "1.10" },
  "door-controller": { manufacturer: "Gatehouse", model: "Simulated controller", serial: "SIM-DC-1", firmware: "2.0" }
}

/** Everything filled in. */
export const complete = (options: OnvifDeviceOptions): CompleteOptions => ({
  kind: options.kind,
  host: options.host ?? "127.0.0.1",
  port: options.port ?? 0,
  identity: { ...identities[options.kind], ...options.identity },
  users: options.users ?? [],
  authentication: options.authentication ?? (options.users === undefined ? "none" : "digest-both"),
  tls: options.tls,
  inputs: options.inputs ?? [],
  relays: options.relays ?? [],
  videoSources: options.videoSources ?? (options.kind === "camera" ? [{ token: "source-1", name: "Camera" }] : []),
  doors: options.doors ?? [],
  accessPoints: options.accessPoints ?? [],
  areas: options.areas ?? [],
  credentials: options.credentials ?? [],
  clock: options.clock ?? Date.now,
  listLimit: options.listLimit ?? 100
})
