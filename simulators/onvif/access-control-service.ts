import type { Call, DeviceContext, Service } from "./device-context.ts"
import { nextXml, pageOf, tokensOf } from "./listing.ts"
import { namespaces } from "./namespaces.ts"
import type { AccessPointOptions, AreaOptions } from "./options.ts"
import { accessPointDisabled } from "./subscriptions.ts"
import { failed, faults as soapFaults, type Outcome } from "./soap.ts"
import { element, leaf, type Xml } from "./xml.ts"
import { textOf } from "./xml-node.ts"

const accessPointXml = ({ memory }: DeviceContext, point: AccessPointOptions): Xml =>
  element(
    "tac:AccessPointInfo",
    { token: point.token },
    leaf("tac:Name", memory.nameOf("AccessPoint", point)),
    leaf("tac:AreaFrom", point.areaFrom),
    leaf("tac:AreaTo", point.areaTo),
    leaf("tac:EntityType", "tdc:Door"),
    leaf("tac:Entity", point.door),
    element("tac:Capabilities", {
      DisableAccessPoint: true,
      Duress: true,
      AnonymousAccess: point.anonymous === true,
      AccessTaken: true,
      ExternalAuthorization: false,
      IdentifierAccess: point.identifiers === true
    })
  )

const areaXml = ({ memory }: DeviceContext, area: AreaOptions): Xml =>
  element("tac:AreaInfo", { token: area.token }, leaf("tac:Name", memory.nameOf("Area", area)))

export const accessControlCapabilities = ({ options }: DeviceContext): Xml =>
  element("tac:Capabilities", {
    MaxLimit: options.listLimit,
    MaxAccessPoints: options.accessPoints.length,
    MaxAreas: options.areas.length
  })

/** A list and its entries by token: the two operations that every kind of entity has. */
const listing = <A extends { readonly token: string }>(
  { options }: DeviceContext,
  { name, all, xml }: { readonly name: string; readonly all: ReadonlyArray<A>; readonly xml: (entry: A) => Xml }
): Service["operations"] => ({
  [`Get${name}List`]: ({ request }) => {
    const page = pageOf(request.body, all, options.listLimit)
    if (page === undefined) return failed(soapFaults.invalidArgVal("InvalidStartReference", "not a start reference"))
    return element(`tac:Get${name}ListResponse`, {}, nextXml("tac", page), ...page.entries.map(xml))
  },
  [`Get${name}`]: ({ request }) => {
    const tokens = tokensOf(request.body)
    if (tokens.length > options.listLimit) return failed(soapFaults.tooManyItems)
    return element(`tac:Get${name}Response`, {}, ...all.filter(({ token }) => tokens.includes(token)).map(xml))
  }
})

/** The access control service (ONVIF Access Control Service Specification), less the making and changing of entities. */
export const accessControlService = (context: DeviceContext): Service => {
  const { accessPoints, areas } = context.options
  const known = ({ request }: Call, act: (token: string) => Xml): Xml | Outcome => {
    const token = textOf(request.body, "Token") ?? ""
    return accessPoints.some((point) => point.token === token) ? act(token) : failed(soapFaults.notFound)
  }
  const turn = (on: boolean) => (call: Call) =>
    known(call, (token) => {
      context.happen({ _tag: "AccessPointEnabled", accessPoint: token, on })
      return element(`tac:${on ? "Enable" : "Disable"}AccessPointResponse`, {})
    })
  return {
    namespace: namespaces.tac,
    path: "/onvif/accesscontrol_service",
    // accesscontrol.wsdl names no actions: WS-Addressing's default pattern makes them of its port type.
    actionOf: (operation) => `${namespaces.tac}/PACSPort/${operation}`,
    operations: {
      GetServiceCapabilities: () =>
        element("tac:GetServiceCapabilitiesResponse", {}, accessControlCapabilities(context)),
      ...listing(context, {
        name: "AccessPointInfo",
        all: accessPoints,
        xml: (point) => accessPointXml(context, point)
      }),
      ...listing(context, { name: "AreaInfo", all: areas, xml: (area) => areaXml(context, area) }),
      GetAccessPointState: (call) =>
        known(call, (token) =>
          element(
            "tac:GetAccessPointStateResponse",
            {},
            element("tac:AccessPointState", {}, leaf("tac:Enabled", !accessPointDisabled(context.subscriptions, token)))
          )
        ),
      EnableAccessPoint: turn(true),
      DisableAccessPoint: turn(false)
    }
  }
}
