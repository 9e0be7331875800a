/**
 * A client of OPC UA servers as the library ships it: a subscription of its own for each, which mends itself as it is able to. What it
 * hears of denied cards it prints, a line each: the credential, and behind a space when it was heard in microseconds.
 *
 *     node test/road/opcua-as-shipped.ts <endpoint>[,<endpoint>…] <pki> <user> <password>
 *
 * Prints `ready` first. The control of the torture run, and the floor of the bench.
 */
import {
  AttributeIds,
  constructEventFilter,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  SecurityPolicy,
  UserTokenType
} from "node-opcua"
import { panelNamespace } from "../../simulators/opcua/options.ts"

const [endpoints = "", rootFolder = "", userName = "", password = ""] = process.argv.slice(2)
const clientCertificateManager = new OPCUACertificateManager({
  rootFolder,
  automaticallyAcceptUnknownCertificate: true,
  disableFileWatchers: true
})
await clientCertificateManager.initialize()

/** Hears one server. */
const hear = async (endpoint: string): Promise<void> => {
  const client = OPCUAClient.create({
    clientCertificateManager,
    applicationUri: "urn:gatehouse:as-shipped",
    endpointMustExist: false,
    securityMode: MessageSecurityMode.SignAndEncrypt,
    securityPolicy: SecurityPolicy.Basic256Sha256,
    connectionStrategy: { maxRetry: -1, initialDelay: 100, maxDelay: 1000 },
    keepSessionAlive: true,
    keepAliveInterval: 2000,
    transportTimeout: 5000,
    defaultTransactionTimeout: 5000
  })
  await client.connect(endpoint)
  const session = await client.createSession({ type: UserTokenType.UserName, userName, password })
  const namespaces = await session.readNamespaceArray()
  const subscription = await session.createSubscription2({
    requestedPublishingInterval: 250,
    requestedLifetimeCount: 10_000,
    requestedMaxKeepAliveCount: 8,
    publishingEnabled: true
  })
  const item = await subscription.monitor(
    { nodeId: "i=2253", attributeId: AttributeIds.EventNotifier },
    {
      samplingInterval: 0,
      queueSize: 5000,
      filter: constructEventFilter([`${namespaces.indexOf(panelNamespace)}:Credential`])
    },
    0
  )
  item.on("changed", (fields) => {
    const [credential] = fields as unknown as ReadonlyArray<{ readonly value: string | null }>
    if (typeof credential?.value !== "string") return
    process.stdout.write(`${credential.value} ${process.hrtime.bigint() / 1000n}\n`)
  })
}

for (const endpoint of endpoints.split(",")) await hear(endpoint)
process.stdout.write("ready\n")
