import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import type { OPCUACertificateManager, OPCUAServer } from "node-opcua"
import type { PanelFaults } from "./faults.ts"
import type { Library } from "./library.ts"
import type { ServerOptions } from "./options.ts"

/** As many clients as a test may have; the library's own limit is 10. */
const connectionsMax = 100

/** How long the sessions that are open are given to hear that the server goes away. */
const goodbyeMs = 100

export const hostOf = ({ host = "127.0.0.1" }: ServerOptions): string => host

export const applicationUriOf = (options: ServerOptions): string =>
  options.applicationUri ?? `urn:gatehouse:simulated-panel:${hostOf(options)}:${options.port}`

const managerOf = async (
  { OPCUACertificateManager: Manager }: Library,
  rootFolder: string,
  trusts: boolean
): Promise<OPCUACertificateManager> => {
  const manager = new Manager({ rootFolder, automaticallyAcceptUnknownCertificate: trusts })
  await manager.initialize()
  return manager
}

const dayMs = 24 * 3600 * 1000

/** A certificate that ran out yesterday, beside the server's own. */
const expiredCertificate = async (manager: OPCUACertificateManager, options: ServerOptions): Promise<string> => {
  const outputFile = join(options.pki, "own/certs/expired.pem")
  mkdirSync(join(options.pki, "own/certs"), { recursive: true })
  if (!existsSync(outputFile)) {
    await manager.createSelfSignedCertificate({
      applicationUri: applicationUriOf(options),
      dns: [hostOf(options)],
      outputFile,
      subject: "/CN=Simulated access panel",
      startDate: new Date(Date.now() - 31 * dayMs),
      validity: 30
    })
  }
  return outputFile
}

/** What the library does not show of a server that is asked to browse. */
interface Browsed {
  _on_BrowseRequest: (
    message: { readonly request: { requestedMaxReferencesPerNode: number } },
    channel: unknown
  ) => void
}

/** The library gives as many references at once as it is asked for; a server may have a bound of its own. */
const answerInParts = (server: OPCUAServer, referencesAtOnce: number): void => {
  server.engine.serverCapabilities.maxBrowseContinuationPoints = 1
  const browsed = server as unknown as Browsed
  const answer = browsed._on_BrowseRequest.bind(server)
  browsed._on_BrowseRequest = (message, channel) => {
    message.request.requestedMaxReferencesPerNode = referencesAtOnce
    answer(message, channel)
  }
}

/** Makes a server that listens once it is started; its address space is there already. */
export const makeServer = async (
  library: Library,
  options: ServerOptions,
  faults: PanelFaults
): Promise<OPCUAServer> => {
  const { MessageSecurityMode, OPCUAServer: Server, SecurityPolicy } = library
  const { pki, port, users, trustsEverybody = false, securityModes = ["None", "Sign", "SignAndEncrypt"] } = options
  const certificates = await managerOf(library, pki, trustsEverybody)
  const userCertificates = await managerOf(library, `${pki}-users`, trustsEverybody)
  const server = new Server({
    hostname: hostOf(options),
    // A host that only this machine has is what the certificate must name.
    alternateHostname: [hostOf(options)],
    port,
    serverInfo: { applicationUri: applicationUriOf(options), productUri: "urn:gatehouse:simulated-panel" },
    buildInfo: { productName: "Simulated access panel", manufacturerName: "Gatehouse" },
    serverCertificateManager: certificates,
    userCertificateManager: userCertificates,
    ...(faults.expiredCertificate ? { certificateFile: await expiredCertificate(certificates, options) } : {}),
    securityModes: securityModes.map((mode) => MessageSecurityMode[mode]),
    securityPolicies: [
      ...(securityModes.includes("None") ? [SecurityPolicy.None] : []),
      SecurityPolicy.Basic256Sha256,
      SecurityPolicy.Aes128_Sha256_RsaOaep,
      SecurityPolicy.Aes256_Sha256_RsaPss
    ],
    allowAnonymous: users === undefined,
    userManager: {
      isValidUser: (name: string, password: string) =>
        users?.some((user) => user.name === name && user.password === password) === true
    },
    maxConnectionsPerEndpoint: connectionsMax,
    maxAllowedSessionNumber: connectionsMax
  })
  await server.initialize()
  if (faults.referencesAtOnce !== undefined) answerInParts(server, faults.referencesAtOnce)
  return server
}

/** Ends a server in good order: it says so to its clients, and leaves no socket. */
export const endServer = async (server: OPCUAServer): Promise<void> => {
  await server.shutdown(goodbyeMs)
  server.dispose()
}
