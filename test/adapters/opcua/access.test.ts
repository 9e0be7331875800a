import { copyFileSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { OPCUACertificateManager } from "node-opcua"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import {
  CertificateUnknown,
  findCertificate,
  listCertificates,
  setTrust
} from "../../../adapters/opcua/session/certificates.ts"
import { checkPassword } from "../../../adapters/opcua/session/session.ts"
import { freePort } from "../../road/peers.ts"
import { panelUri, type Rig, type Site, startRig, startSite, value } from "./rig.ts"

const sources = { values: [value("contact", "Doors/Door1/Contact")], events: [] }

/** A certificate of a person, in files as an operator has them. */
const personIn = async (folder: string): Promise<{ readonly certificate: string; readonly key: string }> => {
  const manager = new OPCUACertificateManager({ rootFolder: folder, disableFileWatchers: true })
  await manager.initialize()
  const certificate = join(folder, "person.pem")
  await manager.createSelfSignedCertificate({
    applicationUri: "urn:test:person",
    dns: [],
    outputFile: certificate,
    subject: "/CN=Gateway",
    startDate: new Date(),
    validity: 10
  })
  await manager.dispose()
  return { certificate, key: join(folder, "own/private/private_key.pem") }
}

describe("who is let in, and who is believed", () => {
  let site: Site
  const rigs: Array<Rig> = []
  const start = (settings: unknown): Rig => {
    const rig = startRig({ settings, sources })
    rigs.push(rig)
    return rig
  }
  /** How a link ends that a person must look after. */
  const rejection = async (settings: unknown): Promise<string> => {
    const lost = await start(settings).lost()
    return `${lost?._tag}: ${lost?.reason}`
  }
  const url = (): string => site.panel.url

  beforeAll(async () => {
    site = await startSite()
  })
  afterAll(() => site.stop())
  afterEach(async () => {
    for (const rig of rigs.splice(0)) await rig.stop()
  })

  it("believes no panel whose certificate nobody has trusted, names it, and believes it once somebody has", async () => {
    const pki = site.folder("careful")
    const panel = listCertificates(site.panel.options.pki).find(({ trust }) => trust === "own")
    const said = await rejection(site.secured(url(), { pki }))
    expect(said).toMatch(/^CredentialsRejected: the server's certificate is not trusted/)
    expect(said).toContain(panel?.thumbprint)
    const shown = listCertificates(pki).filter(({ trust }) => trust === "rejected")
    expect(shown).toMatchObject([{ thumbprint: panel?.thumbprint, applicationUri: panelUri }])
    const trusted = await Effect.runPromise(setTrust(pki, shown[0]?.thumbprint.slice(0, 8).toUpperCase() ?? "", true))
    expect(trusted.trust).toBe("trusted")
    const rig = start(site.secured(url(), { pki }))
    await rig.online()
    await rig.stop()
    await Effect.runPromise(setTrust(pki, trusted.thumbprint, false))
    expect(await rejection(site.secured(url(), { pki }))).toContain("is not trusted")
  })

  it("says so when a thumbprint names no certificate", () => {
    expect(() => findCertificate(site.panel.options.pki, "00ff00ff")).toThrow(CertificateUnknown)
  })

  it("keeps our private key to ourselves", async () => {
    const pki = site.folder("own")
    await rejection(site.secured(url(), { pki }))
    const { statSync } = await import("node:fs")
    expect(statSync(join(pki, "own/private/private_key.pem")).mode & 0o077).toBe(0)
  })

  it("tells a wrong password from all else", async () => {
    const user = { username: "gatehouse", password: site.secret("wrong") }
    expect(await rejection(site.secured(url(), { user }))).toMatch(
      /^CredentialsRejected: the server refuses the user \(gatehouse\)/
    )
  })

  it("says where a password is missing", async () => {
    const user = { username: "gatehouse", password: { file: join(site.directory, "nothing") } }
    expect(await rejection(site.secured(url(), { user }))).toMatch(
      /^CredentialsRejected: the password's file cannot be read/
    )
  })

  it("comes as a certificate where the panel takes one", async () => {
    const user = await personIn(site.folder("person"))
    const rig = start(site.secured(url(), { user }))
    await rig.keeper.until(() => rig.keeper.reached >= 1)
    expect(rig.keeper.of("Value")).toHaveLength(1)
    // Each certificate that the link rests on is told of, with its end.
    await rig.keeper.until(() => rig.keeper.certificates.length === 3)
    expect(rig.keeper.certificates).toMatchObject([
      { holder: "peer", source: url() },
      { holder: "ours" },
      { holder: "ours", name: "user", subject: "CN=Gateway" }
    ])
  })

  it.each(["Sign", "None"])("speaks %s where it is asked for", async (securityMode) => {
    const rig = start(site.secured(url(), { securityMode }))
    await rig.keeper.until(() => rig.keeper.reached >= 1)
    expect(rig.keeper.of("Value")).toHaveLength(1)
  })

  it("gives neither user nor password to another server than the one that is configured", async () => {
    const said = await rejection(site.secured(url(), { applicationUri: "urn:test:other" }))
    expect(said).toMatch(/^CredentialsRejected: .* is urn:test:panel, not urn:test:other/)
  })

  it("says that nobody listens there", async () => {
    const port = await freePort()
    expect(await rejection(site.secured(`opc.tcp://127.0.0.1:${port}`))).toMatch(/^LinkLost: .*nobody listens there/)
  })

  it("says what to do where the panel takes nobody without a user", async () => {
    await site.panel.restart({ allowAnonymous: false })
    const said = await rejection(site.secured(url(), { user: "anonymous" }))
    expect(said).toMatch(/^CredentialsRejected: the server takes nobody without a user/)
  }, 60_000)

  it("says so when the panel does not trust the gateway", async () => {
    await site.panel.restart({ trustsEverybody: false, pki: join(site.directory, "strict-pki") })
    const pki = site.folder("strange")
    mkdirSync(join(pki, "trusted/certs"), { recursive: true })
    copyFileSync(join(site.directory, "strict-pki/own/certs/certificate.pem"), join(pki, "trusted/certs/panel.pem"))
    const said = await rejection(site.secured(url(), { pki }))
    expect(said).toMatch(/^CredentialsRejected: the server does not trust the gateway's certificate/)
    const own = listCertificates(pki).find(({ trust }) => trust === "own")
    expect(said).toContain(own?.thumbprint)
  }, 60_000)

  it("says what the panel offers where it is less than is asked for", async () => {
    await site.panel.restart({ securityPolicies: ["None"] })
    expect(await rejection(site.secured(url()))).toMatch(
      /^CredentialsRejected: the server has no endpoint with SignAndEncrypt and Basic256Sha256: it offers None with None/
    )
  }, 60_000)

  it.each([
    ["no policy of its own", null, "the password would go to the server in clear"],
    [
      "the policy None",
      "http://opcfoundation.org/UA/SecurityPolicy#None",
      "the password would go to the server in clear"
    ],
    ["a policy", "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256", undefined]
  ])("sends a password over an open line only encrypted: the token has %s", async (_, securityPolicyUri, expected) => {
    const library = await import("node-opcua")
    const { securityMode } = { securityMode: "None" as const }
    const user = { username: "gatehouse", password: { env: "NOBODY" } }
    const userIdentityTokens = [{ tokenType: library.UserTokenType.UserName, securityPolicyUri }]
    const endpoints = [{ securityMode: library.MessageSecurityMode.None, securityPolicyUri: null, userIdentityTokens }]
    const said = await Effect.runPromise(
      checkPassword(library, { securityMode, user }, endpoints).pipe(
        Effect.as(undefined),
        Effect.catch(({ reason }) => Effect.succeed(reason.split(":")[0]))
      )
    )
    expect(said).toBe(expected)
  })

  it("says so when the panel's certificate has expired", async () => {
    const pki = join(site.directory, "old-pki")
    const manager = new OPCUACertificateManager({ rootFolder: pki, disableFileWatchers: true })
    await manager.initialize()
    await manager.createSelfSignedCertificate({
      applicationUri: panelUri,
      dns: [],
      outputFile: join(pki, "own/certs/certificate.pem"),
      subject: "/CN=Panel",
      startDate: new Date(Date.now() - 20 * 86_400_000),
      validity: 10
    })
    await manager.dispose()
    await site.panel.restart({ pki })
    const ours = site.folder("believing")
    mkdirSync(join(ours, "trusted/certs"), { recursive: true })
    copyFileSync(join(pki, "own/certs/certificate.pem"), join(ours, "trusted/certs/panel.pem"))
    expect(await rejection(site.secured(url(), { pki: ours }))).toMatch(
      /^CredentialsRejected: the server's certificate \(thumbprint [0-9a-f]{40}\) has expired/
    )
  }, 60_000)
})
