import { AuthContract } from '#libs/contracts/auth.contract';
import { Principal } from '#libs/contracts/principal';
import { Forbidden, NotFound } from '#libs/errors/errors';
import { AskedAbout } from './asked-about';

const holding = (role: string, project: string): Principal => ({
  kind: 'key',
  id: 'k',
  name: 'ada',
  grants: [{ role, project }],
});

describe('whom a question about access is about', () => {
  const someone = holding('viewer', 'x');
  const resolve = (): Promise<object> => Promise.resolve({ principal: someone });
  const asked = new AskedAbout({ resolve } as unknown as AuthContract); // it calls nothing else
  const ask = (caller: Principal, as?: string): Promise<Principal> => asked.principal(caller, as);

  it('is the caller, or a built-in role, for anybody', async () => {
    const ada = holding('viewer', 'a');
    expect(await ask(ada)).toBe(ada);
    expect(await ask(ada, 'role:editor@b')).toBe(someone);
  });

  it('is a role of a project for who may read its roles, and does not exist for strangers', async () => {
    await expect(ask(holding('viewer', 'a'), 'role:oncall@b')).rejects.toBeInstanceOf(NotFound);
    await expect(ask(holding('viewer', 'a'), 'role:oncall@a')).rejects.toBeInstanceOf(Forbidden);
    await expect(ask(holding('operator', 'a'), 'role:oncall@*')).rejects.toBeInstanceOf(Forbidden);
    expect(await ask(holding('operator', 'a'), 'role:oncall@a')).toBe(someone);
    expect(await ask(holding('operator', '*'), 'role:oncall@b')).toBe(someone);
  });

  it('is somebody else for who may read the roles of the whole system', async () => {
    await expect(ask(holding('operator', 'a'), 'user:eve')).rejects.toBeInstanceOf(Forbidden);
    expect(await ask(holding('operator', '*'), 'user:eve')).toBe(someone);
  });
});
