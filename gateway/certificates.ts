import { listCertificates, setTrust } from "../adapters/opcua/session/certificates.ts"
import type { OpcuaSettings } from "../adapters/opcua/settings.ts"
import type { CertsParts } from "./cli/certs-listed.ts"
import { installed } from "./installed.ts"
import { loadSettings } from "./settings/load-settings.ts"

/** What `certs` works with: the pki folders of OPC UA links. */
export const certsParts: CertsParts = {
  // What was observed at devices says nothing of certificates: it is not asked.
  settings: (paths) => loadSettings(paths, { adapters: installed.adapters, profiles: installed.profiles }),
  pkiOf: ({ adapter, settings }) => (adapter === "opcua" ? (settings as OpcuaSettings).pki : undefined),
  list: listCertificates,
  setTrust,
  now: Date.now
}
