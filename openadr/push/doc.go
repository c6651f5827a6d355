// Package push is how a VTN may wake us: by calling a webhook, or over MQTT.
//
// # Basics
//
//   - A [Bell] calls what the integrator gives it, a poll for instance: at once, and then at most every few seconds
//     however much is rung. All ways of one VTN share one.
//   - A [Webhook] listens, answers the VTN's challenge, checks its token, and sees that one subscription of ours
//     stands at the VTN: the same over restarts, renewed when it is lost or when our wishes change.
//   - A [Broker] asks the VTN for its MQTT broker and topics, connects with a fresh token, and listens.
//   - Both have Run, Close, Err for a health line, and Recheck for when the VTN is back.
//
// # Caveats
//
// What comes is a hint and nothing else: whatever it says is asked for with a poll, and polling goes on at its pace
// whether hints come or not. So a lost, forged or repeated message changes nothing but the time of a poll.
//
// The client name of a subscription must be ours alone. What stands under it and is not ours is deleted, for after the
// loss of a token nobody could use it any more.
//
// A VTN may stop calling a webhook that did not answer for a while, and does not say so.
//
// Behind a proxy on this machine strangers are told apart by X-Forwarded-For, as far as the proxy sends it; how many
// connections come through it is the proxy's to limit. TLS is the proxy's too, unless it is given a certificate.
//
// Section "Webhooks" is of the OpenADR 3.1 Definition; "MQTT 3.1.1" is the OASIS standard.
package push
