import t from 'tap'
import { Visitors } from '../../src/http/visitors.ts'

t.test('a stranger has 200 connections, and no more until some end', async (t) => {
  const visitors = new Visitors()
  const leaves = Array.from({ length: 200 }, () => visitors.enter('203.0.113.7', true))
  t.notOk(leaves.includes(null))
  t.equal(visitors.enter('203.0.113.7', true), null)
  t.ok(visitors.enter('203.0.113.8', true), 'another one has its own')
  leaves[0]?.()
  t.ok(visitors.enter('203.0.113.7', true))
  t.equal(visitors.size, 201)
})

t.test('a house full of phones may share an address', async (t) => {
  const visitors = new Visitors()
  for (let count = 0; count < 1000; count++) t.ok(visitors.enter('192.168.1.1', false))
})

t.test('nobody takes more than all there is', async (t) => {
  const visitors = new Visitors()
  for (let count = 0; count < 20_000; count++) visitors.enter('192.168.1.1', false)
  t.equal(visitors.enter('192.168.1.2', false), null)
})
