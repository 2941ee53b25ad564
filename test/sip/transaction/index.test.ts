import './inviteClient.spec.ts'
import './client.spec.ts'
import './inviteServer.spec.ts'
import './server.spec.ts'
