import type { Call, DeviceContext, Service } from "./device-context.ts"
import { nextXml, pageOf, tokensOf } from "./listing.ts"
import { namespaces } from "./namespaces.ts"
import type { CredentialOptions } from "./options.ts"
import { failed, faults as soapFaults, type Outcome } from "./soap.ts"
import { element, leaf, nothing, type Xml } from "./xml.ts"
import { textOf } from "./xml-node.ts"

/** What a credential is at the moment (credential.wsdl, CredentialState). */
export interface CredentialState {
  readonly enabled: boolean
  readonly reason: string | undefined
  readonly antiPassbackViolated: boolean
}

export const usualCredentialState: CredentialState = { enabled: true, reason: undefined, antiPassbackViolated: false }

const infoXml = ({ token, holder, description }: CredentialOptions): Xml =>
  element(
    "tcr:CredentialInfo",
    { token },
    leaf("tcr:Description", description),
    leaf("tcr:CredentialHolderReference", holder)
  )

const identifierXml = ({ type, format, hex }: CredentialOptions["identifiers"][number]): Xml =>
  element(
    "tcr:CredentialIdentifier",
    {},
    element("tcr:Type", {}, leaf("tcr:Name", type), leaf("tcr:FormatType", format)),
    leaf("tcr:ExemptedFromAuthentication", false),
    leaf("tcr:Value", hex)
  )

export const credentialCapabilities = ({ options }: DeviceContext): Xml =>
  element(
    "tcr:Capabilities",
    {
      MaxLimit: options.listLimit,
      CredentialValiditySupported: false,
      CredentialAccessProfileValiditySupported: false,
      ValiditySupportsTimeValue: false,
      MaxCredentials: options.credentials.length,
      MaxAccessProfilesPerCredential: 1,
      ResetAntipassbackSupported: true
    },
    leaf("tcr:SupportedIdentifierType", "pt:Card"),
    leaf("tcr:SupportedIdentifierType", "pt:PIN")
  )

/** The credential service (ONVIF Credential Service Specification), as far as one reads and suspends credentials. */
export const credentialService = (context: DeviceContext): Service => {
  const { credentials, listLimit } = context.options
  const response = (operation: string, ...inside: ReadonlyArray<Xml>): Xml =>
    element(`tcr:${operation}Response`, {}, ...inside)
  const known = (
    { request }: Call,
    name: string,
    act: (credential: CredentialOptions, state: CredentialState) => Xml
  ): Xml | Outcome => {
    const credential = credentials.find(({ token }) => token === textOf(request.body, name))
    if (credential === undefined) return failed(soapFaults.notFound)
    return act(credential, context.memory.credentialState(credential.token))
  }
  const turn = (on: boolean) => (call: Call) =>
    known(call, "Token", ({ token }) => {
      const reason = textOf(call.request.body, "Reason")
      context.happen({
        _tag: "CredentialEnabled",
        token,
        on,
        clientUpdated: true,
        ...(reason === undefined ? {} : { reason })
      })
      return response(`${on ? "Enable" : "Disable"}Credential`)
    })
  return {
    namespace: namespaces.tcr,
    path: "/onvif/credential_service",
    // credential.wsdl names no actions: WS-Addressing's default pattern makes them of its port type.
    actionOf: (operation) => `${namespaces.tcr}/CredentialPort/${operation}`,
    operations: {
      GetServiceCapabilities: () => response("GetServiceCapabilities", credentialCapabilities(context)),
      GetCredentialInfo: ({ request }) => {
        const tokens = tokensOf(request.body)
        if (tokens.length > listLimit) return failed(soapFaults.tooManyItems)
        return response("GetCredentialInfo", ...credentials.filter(({ token }) => tokens.includes(token)).map(infoXml))
      },
      GetCredentialInfoList: ({ request }) => {
        const page = pageOf(request.body, credentials, listLimit)
        if (page === undefined)
          return failed(soapFaults.invalidArgVal("InvalidStartReference", "not a start reference"))
        return response("GetCredentialInfoList", nextXml("tcr", page), ...page.entries.map(infoXml))
      },
      GetCredentialState: (call) =>
        known(call, "Token", (_, state) =>
          response(
            "GetCredentialState",
            element(
              "tcr:State",
              {},
              leaf("tcr:Enabled", state.enabled),
              state.reason === undefined || state.reason === "" ? nothing : leaf("tcr:Reason", state.reason),
              element("tcr:AntipassbackState", {}, leaf("tcr:AntipassbackViolated", state.antiPassbackViolated))
            )
          )
        ),
      GetCredentialIdentifiers: (call) =>
        known(call, "CredentialToken", ({ identifiers }) =>
          response("GetCredentialIdentifiers", ...identifiers.map(identifierXml))
        ),
      EnableCredential: turn(true),
      DisableCredential: turn(false),
      ResetAntipassbackViolation: (call) =>
        known(call, "CredentialToken", ({ token }) => {
          context.happen({ _tag: "AntiPassbackViolated", token, on: false, clientUpdated: true })
          return response("ResetAntipassbackViolation")
        })
    }
  }
}
