import { createHash } from "node:crypto"
import type { DeviceContext, Service } from "./device-context.ts"
import { namespaces } from "./namespaces.ts"
import { failed, faults as soapFaults } from "./soap.ts"
import { element, join, leaf, nothing, type Xml } from "./xml.ts"
import { textOf } from "./xml-node.ts"

/** devicemgmt.wsdl names no actions: WS-Addressing's default pattern makes them of its port type. */
const actionOf = (operation: string): string => `${namespaces.tds}/Device/${operation}`

/** `tt:DateTime` of a UTC instant. */
const dateTime = (name: string, at: Date): Xml =>
  element(
    name,
    {},
    element(
      "tt:Time",
      {},
      leaf("tt:Hour", at.getUTCHours()),
      leaf("tt:Minute", at.getUTCMinutes()),
      leaf("tt:Second", at.getUTCSeconds())
    ),
    element(
      "tt:Date",
      {},
      leaf("tt:Year", at.getUTCFullYear()),
      leaf("tt:Month", at.getUTCMonth() + 1),
      leaf("tt:Day", at.getUTCDate())
    )
  )

/** What a device that cannot tell UTC shows instead: local time, eight hours ahead, with its zone. */
const localMs = 8 * 3_600_000

const dateAndTime = ({ now, faults }: DeviceContext): Xml => {
  const at = now()
  return element(
    "tds:GetSystemDateAndTimeResponse",
    {},
    element(
      "tds:SystemDateAndTime",
      {},
      leaf("tt:DateTimeType", "NTP"),
      leaf("tt:DaylightSavings", false),
      element("tt:TimeZone", {}, leaf("tt:TZ", faults().noUtcDateTime ? "CST-8" : "UTC0")),
      faults().noUtcDateTime
        ? dateTime("tt:LocalDateTime", new Date(at + localMs))
        : join([dateTime("tt:UTCDateTime", new Date(at)), dateTime("tt:LocalDateTime", new Date(at))])
    )
  )
}

/** A service of the device, and its capabilities as GetServices tells them. */
export interface Offered {
  readonly service: Service
  readonly capabilities: () => Xml
}

const ownCapabilities = ({ options }: DeviceContext): Xml => {
  const { authentication, tls } = options
  return element(
    "tds:Capabilities",
    {},
    element("tds:Network", { IPFilter: false, ZeroConfiguration: false, IPVersion6: false, DynDNS: false, NTP: 0 }),
    element("tds:Security", {
      "TLS1.2": tls !== undefined,
      OnboardKeyGeneration: false,
      AccessPolicyConfig: false,
      UsernameToken: authentication === "username-token" || authentication === "any",
      HttpDigest: authentication !== "username-token" && authentication !== "none"
    }),
    element("tds:System", { DiscoveryResolve: false, DiscoveryBye: false, RemoteDiscovery: false, SystemBackup: false })
  )
}

/** Services in the order of GetServices; each with the version of the specification that its answers follow. */
const services = (
  context: DeviceContext,
  known: ReadonlyArray<Offered>,
  withCapabilities: boolean
): ReadonlyArray<Xml> =>
  known.map(({ service, capabilities }) =>
    element(
      "tds:Service",
      {},
      leaf("tds:Namespace", service.namespace),
      leaf("tds:XAddr", `${context.base()}${service.path}`),
      withCapabilities ? element("tds:Capabilities", {}, capabilities()) : nothing,
      element("tds:Version", {}, leaf("tt:Major", 2), leaf("tt:Minor", 60))
    )
  )

/** `onvif://www.onvif.org/…` scopes (ONVIF Core, Discovery, Scopes). */
export const scopesOf = ({ kind, identity }: DeviceContext["options"]): ReadonlyArray<string> => {
  const escaped = (text: string): string => encodeURIComponent(text)
  const profiles = kind === "camera" ? ["Streaming", "T"] : ["A", "C"]
  return [
    ...(kind === "camera" ? ["onvif://www.onvif.org/type/video_encoder"] : []),
    ...profiles.map((profile) => `onvif://www.onvif.org/Profile/${profile}`),
    `onvif://www.onvif.org/hardware/${escaped(identity.model)}`,
    `onvif://www.onvif.org/name/${escaped(`${identity.manufacturer} ${identity.model}`)}`,
    "onvif://www.onvif.org/location/campus"
  ]
}

const eventCapabilities = (xaddr: string): Xml =>
  element(
    "tt:Events",
    {},
    leaf("tt:XAddr", xaddr),
    leaf("tt:WSSubscriptionPolicySupport", true),
    leaf("tt:WSPullPointSupport", true),
    leaf("tt:WSPausableSubscriptionManagerInterfaceSupport", false)
  )

const deviceCapabilities = (xaddr: string, context: DeviceContext): Xml =>
  element(
    "tt:Device",
    {},
    leaf("tt:XAddr", xaddr),
    element(
      "tt:IO",
      {},
      leaf("tt:InputConnectors", context.options.inputs.length),
      leaf("tt:RelayOutputs", context.options.relays.length)
    )
  )

const mediaCapabilities = (xaddr: string): Xml =>
  element(
    "tt:Media",
    {},
    leaf("tt:XAddr", xaddr),
    element(
      "tt:StreamingCapabilities",
      {},
      leaf("tt:RTPMulticast", false),
      leaf("tt:RTP_TCP", true),
      leaf("tt:RTP_RTSP_TCP", true)
    )
  )

/** What GetCapabilities told before there was GetServices, by its categories, in the order of `tt:Capabilities`. */
const oldCapabilities = (
  context: DeviceContext,
  own: string,
  xaddr: (namespace: string) => string | undefined
): ReadonlyMap<string, Xml> => {
  const [events, media] = [xaddr(namespaces.tev), xaddr(namespaces.trt)]
  return new Map([
    ["Device", deviceCapabilities(own, context)],
    ...(events === undefined ? [] : [["Events", eventCapabilities(events)] as const]),
    ...(media === undefined ? [] : [["Media", mediaCapabilities(media)] as const])
  ])
}

const usersXml = ({ options }: DeviceContext): ReadonlyArray<Xml> =>
  options.users.map(({ name }) =>
    element("tds:User", {}, leaf("tt:Username", name), leaf("tt:UserLevel", "Administrator"))
  )

/** Where the device's own network interface is; the address is a documentation one unless it listens on a real one. */
const networkInterfaces = ({ options }: DeviceContext): Xml =>
  element(
    "tds:NetworkInterfaces",
    { token: "eth0" },
    leaf("tt:Enabled", true),
    element("tt:Info", {}, leaf("tt:Name", "eth0"), leaf("tt:HwAddress", "02:00:5e:10:00:01"), leaf("tt:MTU", 1500)),
    element(
      "tt:IPv4",
      {},
      leaf("tt:Enabled", true),
      element(
        "tt:Config",
        {},
        element("tt:Manual", {}, leaf("tt:Address", options.host), leaf("tt:PrefixLength", 24)),
        leaf("tt:DHCP", false)
      )
    )
  )

/** The device management service (ONVIF Core, Device Management), as far as a gateway asks of it. */
export const deviceService = (context: DeviceContext, others: ReadonlyArray<Offered>): Service => {
  const { identity } = context.options
  const path = "/onvif/device_service"
  const response = (operation: string, ...inside: ReadonlyArray<Xml>): Xml =>
    element(`tds:${operation}Response`, {}, ...inside)
  const xaddr = (namespace: string): string | undefined => {
    const found = others.find(({ service }) => service.namespace === namespace)?.service.path
    return found === undefined ? undefined : `${context.base()}${found}`
  }
  const service: Service = {
    namespace: namespaces.tds,
    path,
    actionOf,
    operations: {
      GetSystemDateAndTime: () => dateAndTime(context),
      GetDeviceInformation: () =>
        response(
          "GetDeviceInformation",
          leaf("tds:Manufacturer", identity.manufacturer),
          leaf("tds:Model", identity.model),
          leaf("tds:FirmwareVersion", identity.firmware),
          leaf("tds:SerialNumber", identity.serial),
          leaf("tds:HardwareId", identity.model)
        ),
      GetServices: ({ request }) =>
        response(
          "GetServices",
          ...services(
            context,
            [{ service, capabilities: () => ownCapabilities(context) }, ...others],
            ["true", "1"].includes(textOf(request.body, "IncludeCapability") ?? "")
          )
        ),
      GetServiceCapabilities: () => response("GetServiceCapabilities", ownCapabilities(context)),
      GetCapabilities: ({ request }) => {
        const category = textOf(request.body, "Category") ?? "All"
        const categories = oldCapabilities(context, `${context.base()}${path}`, xaddr)
        const asked = category === "All" ? [...categories.values()] : [categories.get(category)]
        const told = asked.filter((one) => one !== undefined)
        return told.length === 0 && category !== "All"
          ? failed(soapFaults.noSuchService)
          : response("GetCapabilities", element("tds:Capabilities", {}, ...told))
      },
      GetScopes: () =>
        response(
          "GetScopes",
          ...scopesOf(context.options).map((scope) =>
            element("tds:Scopes", {}, leaf("tt:ScopeDef", "Fixed"), leaf("tt:ScopeItem", scope))
          )
        ),
      GetHostname: () =>
        response(
          "GetHostname",
          element("tds:HostnameInformation", {}, leaf("tt:FromDHCP", false), leaf("tt:Name", identity.serial))
        ),
      GetNetworkInterfaces: () => response("GetNetworkInterfaces", networkInterfaces(context)),
      GetUsers: () => response("GetUsers", ...usersXml(context)),
      GetEndpointReference: () => response("GetEndpointReference", leaf("tds:GUID", endpointOf(identity)))
    }
  }
  return service
}

/** A device's stable endpoint address, made from its identity in the form of a version 8 UUID (RFC 9562). */
export const endpointOf = ({ manufacturer, serial }: DeviceContext["options"]["identity"]): string => {
  const hex = createHash("sha256").update(`${manufacturer}/${serial}`).digest("hex")
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
