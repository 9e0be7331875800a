/** The path of the device service: fixed by ONVIF Core Specification 26.06, section 5.1.1. */
const devicePath = "/onvif/device_service"

/** What a device's address in the configuration means: where its device service is; `undefined` when it means nothing. */
export const deviceServiceUrl = (address: string, secure: boolean): URL | undefined => {
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `${secure ? "https" : "http"}://${address}`
  if (!URL.canParse(written)) return undefined
  const url = new URL(written)
  if ((url.protocol !== "http:" && url.protocol !== "https:") || url.username !== "" || url.password !== "") {
    return undefined
  }
  if (url.pathname === "/" && url.search === "") url.pathname = devicePath
  return url
}

/** Scheme, authority and the rest. The authority may be empty: RaySharp recorders advertise `http:///onvif/…`. */
const advertisedForm = /^(https?):\/\/([^/?#]*)([^#]*)/i

/** An IPv4 address and a path, with no scheme before them: Uniview's firmware writes addresses so. */
const schemeless = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\//

/**
 * Where to go when a device advertises an address: the configured host, port and scheme with the advertised path. Devices
 * behind address translation, or with two interfaces, advertise what cannot be reached from here; and whoever can write an
 * address into an answer would otherwise choose where our credentials go. A host (or host:port) of `allowed` is taken at
 * its word, unless that would leave TLS. `undefined` when it is no address.
 */
export const reachableUrl = (advertised: string, own: URL, allowed: ReadonlyArray<string>): string | undefined => {
  const written = advertised.trim()
  const text = schemeless.test(written) ? `${own.protocol}//${written}` : written
  const [, scheme = "", authority = "", rest = ""] = advertisedForm.exec(text) ?? []
  if (scheme === "" && !/^\/(?!\/)/.test(text)) return undefined
  const host = authority.slice(authority.lastIndexOf("@") + 1).toLowerCase()
  const named = allowed.some((one) => one.toLowerCase() === host || one.toLowerCase() === host.replace(/:\d+$/, ""))
  const leavesTls = own.protocol === "https:" && scheme.toLowerCase() !== "https"
  const base = host !== "" && named && !leavesTls ? `${scheme}://${host}` : own.origin
  const path = scheme === "" ? text : rest
  const url = `${base}${path.startsWith("/") ? "" : "/"}${path}`
  return URL.canParse(url) ? new URL(url).href : undefined
}
