import { RoleBinding } from './access/role-binding.entity';
import { Role } from './access/role.entity';
import { ServiceAccount } from './accounts/service-account.entity';
import { ApiKey } from './keys/api-key.entity';
import { SetupToken } from './local/setup-token.entity';
import { SealedValue } from './sealed/sealed-value.entity';
import { Secret } from './secrets/secret.entity';
import { Group } from './users/group.entity';
import { User } from './users/user.entity';

export const AUTH_ENTITIES = [ApiKey, SetupToken, Secret, Role, RoleBinding, ServiceAccount, User, Group, SealedValue];
