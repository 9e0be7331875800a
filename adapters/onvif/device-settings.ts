import { readFileSync } from "node:fs"
import type { Device } from "../../gateway/domain/campus.ts"
import { readSecret, SecretMissing, type SecretReference } from "../secret.ts"
import { deviceServiceUrl } from "./wire/address.ts"
import type { Access } from "./wire/connection.ts"
import type { OnvifSettings } from "./settings.ts"

/** What a device's `parameters` may say of its link; the rest are its profile's. */
export const linkParameters: Readonly<Record<string, string>> = {
  username: "who we are at this device",
  passwordEnv: "the environment variable that holds its password",
  passwordFile: "the file whose first line is its password",
  fingerprint: "SHA-256 of the certificate it must show, hexadecimal",
  snapshotUri: "where its pictures are, when it tells wrongly",
  mediaProfile: "token of the media profile its pictures are taken from",
  unsubscribe: "normal or never",
  mode: "auto, pull or push",
  endpoint: "what it calls itself in WS-Discovery, by which it is known again at another address"
}

/** A device's part of the link's settings, ready to be used. */
export interface DeviceSettings {
  /** Its device service. */
  readonly url: URL
  readonly access: Access
  readonly unsubscribe: OnvifSettings["unsubscribe"]
  readonly mode: OnvifSettings["mode"]
  readonly snapshotUri: string | undefined
  readonly mediaProfile: string | undefined
}

/** The configuration of a device cannot work. The message says what to do. */
export class Unusable extends Error {
  override readonly name = "Unusable"
}

const passwordOf = (settings: OnvifSettings, parameters: Readonly<Record<string, string>>): string | undefined => {
  const { passwordEnv: env, passwordFile: file } = parameters
  const own: SecretReference | undefined = env !== undefined ? { env } : file !== undefined ? { file } : undefined
  const reference = own ?? settings.password
  return reference === undefined ? undefined : readSecret(reference)
}

const readCa = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    throw new SecretMissing(`tls.ca cannot be read: ${error instanceof Error ? error.message : path}`)
  }
}

/** SHA-256 in hexadecimal, with or without the colons that openssl writes. */
const fingerprintForm = /^[0-9a-f]{64}$/i

const tlsOf = (settings: OnvifSettings, fingerprint: string | undefined): Pick<Access, "tls"> => {
  if (fingerprint !== undefined) {
    const hex = fingerprint.replaceAll(":", "").toLowerCase()
    if (!fingerprintForm.test(hex))
      throw new Unusable("fingerprint must be the SHA-256 of a certificate: 64 hex digits")
    return { tls: { fingerprint: hex } }
  }
  return settings.tls === undefined ? {} : { tls: { ca: readCa(settings.tls.ca) } }
}

const oneOf = <T extends string>(
  name: string,
  words: ReadonlyArray<T>,
  written: string | undefined,
  standard: T
): T => {
  if (written === undefined) return standard
  const word = words.find((one) => one === written)
  if (word === undefined) throw new Unusable(`${name} is "${written}"; it must be ${words.join(" or ")}`)
  return word
}

/** What holds for one device. Throws `SecretMissing` or `Unusable`. */
export const deviceSettings = (settings: OnvifSettings, device: Device): DeviceSettings => {
  const parameters = device.parameters ?? {}
  const tls = tlsOf(settings, parameters["fingerprint"])
  const url = deviceServiceUrl(device.address, tls.tls !== undefined)
  if (url === undefined) {
    throw new Unusable(`"${device.address}" is no address of a device: write its host, host:port, or http(s) URL`)
  }
  if (tls.tls?.fingerprint !== undefined && url.protocol !== "https:") {
    throw new Unusable(`${device.address} is to show a certificate: write https://, or leave the scheme out`)
  }
  const username = parameters["username"] ?? settings.username
  const password = passwordOf(settings, parameters)
  return {
    url,
    access: {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      authentication: settings.authentication,
      ...tls
    },
    unsubscribe: oneOf("unsubscribe", ["normal", "never"], parameters["unsubscribe"], settings.unsubscribe),
    mode: oneOf("mode", ["auto", "pull", "push"], parameters["mode"], settings.mode),
    snapshotUri: parameters["snapshotUri"],
    mediaProfile: parameters["mediaProfile"]
  }
}
