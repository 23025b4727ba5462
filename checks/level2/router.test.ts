/** The reference router of level 2. */
import { describe, expect, it } from 'vitest'
import { Router } from '../../solutions/level2/router.ts'

const router = new Router<string>()
  .add('GET', '/', 'home')
  .add('GET', '/users/:id', 'user')
  .add('GET', '/users/:id/posts/:postId', 'post')
  .add('POST', '/users/me', 'change me')
  .add('POST', '/echo', 'echo')
  .add('GET', '/a b', 'space')

function find(method: string, path: string): unknown {
  const match = router.find(method, path)
  if (match.kind === 'found') return [match.value, match.params]
  return match.kind === 'method-not-allowed' ? [...match.allow].sort() : match.kind
}

describe('Router.find', () => {
  it.each([
    ['/', ['home', {}]],
    ['/users/7', ['user', { id: '7' }]],
    ['/users/7/posts/x', ['post', { id: '7', postId: 'x' }]],
    ['/users/a%2Fb', ['user', { id: 'a/b' }]],
    ['/users/a%252Fb', ['user', { id: 'a%2Fb' }]],
    ['/users/%C3%A9%00', ['user', { id: 'é\0' }]],
    ['/%75sers/1', ['user', { id: '1' }]],
    ['/a%20b', ['space', {}]],
    ['/users/__proto__', ['user', { id: '__proto__' }]],
    ['/users/..', ['user', { id: '..' }]],
  ])('serves GET %s', (path, found) => {
    expect(find('GET', path)).toEqual(found)
  })

  it.each([
    '',
    '//',
    '/users',
    '/users/',
    '/users//posts/1',
    '/users/1/',
    '/Users/1',
    '/users%2F1',
    '*',
    '/:id',
  ])('finds nothing at %s', (path) => expect(find('GET', path)).toBe('not-found'))

  it('gives the parameters in the order of the pattern', () => {
    const match = router.find('GET', '/users/1/posts/2')
    expect(match.kind === 'found' && Object.keys(match.params)).toEqual(['id', 'postId'])
  })

  it.each(['/users/%', '/users/%4', '/users/%zz', '/users/%ff', '/users/%C0%AF', '/nowhere/%zz'])(
    'refuses the path %s',
    (path) => {
      expect(() => router.find('GET', path)).toThrow(
        expect.objectContaining({ code: 'INVALID_PATH' }),
      )
    },
  )

  it('serves HEAD by GET, unless HEAD has a route of its own', () => {
    expect(find('HEAD', '/users/7')).toEqual(['user', { id: '7' }])
    const own = new Router<string>().add('GET', '/', 'get').add('HEAD', '/', 'head')
    expect(own.find('HEAD', '/')).toMatchObject({ value: 'head' })
  })

  it('names all methods of a path that does not serve this one', () => {
    expect(find('DELETE', '/users/me')).toEqual(['GET', 'HEAD', 'POST'])
    expect(find('GET', '/echo')).toEqual(['POST'])
    expect(find('HEAD', '/echo')).toEqual(['POST'])
  })

  it('finds the route that was added first', () => {
    const twice = new Router<string>().add('GET', '/:a', 'first').add('GET', '/x', 'second')
    expect(twice.find('GET', '/x')).toEqual({ kind: 'found', value: 'first', params: { a: 'x' } })
  })
})

describe('Router.add', () => {
  it.each(['users', '', '/:', '/:a/:a'])('refuses the pattern %j', (pattern) => {
    expect(() => new Router().add('GET', pattern, 0)).toThrow(TypeError)
  })
})
