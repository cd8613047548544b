"""Who may sign in, and how: django-allauth's decisions, made by the organisation's records."""

from __future__ import annotations

from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from pegel_web.core.sealing import seal, unseal
from pegel_web.organisation.middleware import session_actor
from pegel_web.organisation.models import User
from pegel_web.organisation.services.sign_in import join_from_provider

#: What the secrets of second factors are sealed for.
_SECOND_FACTOR: Final = "second factor 1"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts come from the organisation: nobody makes one for themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: people are invited or imported."""
        del request
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse a password where the organisation has only single sign-on; otherwise count the tries."""
        if not settings.PEGEL_PASSWORD_SIGN_IN:
            raise PermissionDenied
        super().pre_authenticate(request, **credentials)


class TwoFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """The second factor; its secrets are kept enciphered under the installation's secret."""

    def encrypt(self, text: str) -> str:
        """Put a secret away."""
        return seal(text, purpose=_SECOND_FACTOR)

    def decrypt(self, encrypted_text: str) -> str:
        """Read a secret."""
        return unseal(encrypted_text, purpose=_SECOND_FACTOR)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """People who come from the organisation's identity provider."""

    def is_email_verified(self, provider: Any, email: str) -> bool:
        """Trust only what the provider itself calls verified."""
        del provider, email
        return False

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Let somebody new in only where the installation says so, and only with a verified address."""
        del request
        verified = any(address.verified for address in sociallogin.email_addresses)
        return bool(settings.PEGEL_NEW_PEOPLE and verified)

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        """Make the account and the person, who has no role yet."""
        user: User = super().save_user(request, sociallogin, form)
        named = sociallogin.account.extra_data.get("userinfo", sociallogin.account.extra_data)
        join_from_provider(actor=session_actor(request), user=user, name=str(named.get("name") or user.email))
        return user
