"""Who may sign in, and how: django-allauth's decisions, made by the organisation's records."""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from pegel_web.organisation.middleware import session_actor
from pegel_web.organisation.models import User
from pegel_web.organisation.services.sign_in import join_from_provider


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
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Read a secret."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


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


@cache
def _cipher() -> Fernet:
    key = hmac.new(settings.SECRET_KEY.encode(), b"pegel second factor 1", hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))
