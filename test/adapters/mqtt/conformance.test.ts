import { adapters } from "../../../adapters/adapters.ts"
import { conforms } from "../../adapter-conformance.ts"
import { hasMosquitto } from "../../road/peers.ts"
import { embeddedPeer, mosquittoPeer } from "./peers.ts"

const { mqtt } = adapters
if (mqtt === undefined) throw new Error("the catalogue has no mqtt adapter")

conforms("mqtt with its embedded broker", mqtt, embeddedPeer, { vanish: false, refuse: false })

if (hasMosquitto()) {
  conforms("mqtt at a Mosquitto, MQTT 5", mqtt, () => mosquittoPeer(5), { vanish: true, refuse: true })
  conforms("mqtt at a Mosquitto, MQTT 3.1.1", mqtt, () => mosquittoPeer(4), { vanish: true, refuse: true })
}
