import { demoWorld } from "../simulators/scenarios/demo-world.ts"
import type { DemoParts } from "./cli/demo.ts"
import type { Settings } from "./settings/load-settings.ts"

const withBrokerPort = (settings: Settings, port: number): Settings => ({
  ...settings,
  links: settings.links.map((link) => ({ ...link, settings: { ...(link.settings as object), port } }))
})

/** What `demo` has beside a gateway: a simulated campus, and a free port for the broker it talks to. */
export const demonstration: Pick<DemoParts, "withBrokerPort" | "world"> = { withBrokerPort, world: demoWorld }
