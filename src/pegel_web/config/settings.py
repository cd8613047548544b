"""Django's settings, composed from the typed environment. Nothing here is decided per installation by editing."""

from __future__ import annotations

from typing import Any

import dj_database_url
from csp.constants import NONE, SELF

from pegel_web.config.env import environment, kept_secret

ENVIRONMENT = environment()
DATA_DIR = ENVIRONMENT.data_dir.resolve()

SECRET_KEY = (
    ENVIRONMENT.secret_key.get_secret_value() if ENVIRONMENT.secret_key else kept_secret(DATA_DIR, "secret.key")
)
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = [str(ENVIRONMENT.public_url.host), "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.origin]

INSTALLED_APPS = [
    "pegel_web.core",
    "pegel_web.ui",
    "pegel_web.jobs",
    "pegel_web.search",
    "pegel_web.notifications",
    "pegel_web.organisation",
    "pegel_web.privacy",
    "pegel_web.flow",
    "pegel_web.ingestion",
    "pegel_web.pickup",
    "pegel_web.portfolio",
    "pegel_web.config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.idp.oidc",
]

MIDDLEWARE = [
    "pegel_web.config.metrics.RequestMiddleware",
    "pegel_web.config.health.HealthMiddleware",
    "pegel_web.core.problems.WordsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pegel_web.core.problems.ProblemMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pegel_web.ui.preferences.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pegel_web.organisation.middleware.ActorMiddleware",
    "pegel_web.config.bodies.BodyMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "pegel_web.organisation.two_factor.TwoFactorMiddleware",
    "pegel_web.ui.errors.ErrorMiddleware",
]

ROOT_URLCONF = "pegel_web.config.urls"
ASGI_APPLICATION = "pegel_web.config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pegel_web.ui.context.page",
            ],
            "builtins": ["pegel_web.ui.templatetags.ui"],
        },
    }
]


def _database() -> dict[str, Any]:
    if ENVIRONMENT.database_url is not None:
        found: dict[str, Any] = dict(dj_database_url.parse(str(ENVIRONMENT.database_url)))
        found["OPTIONS"] = {**found.get("OPTIONS", {}), "pool": {"min_size": 1, "max_size": 12, "timeout": 10}}
        return found
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "pegel.sqlite3",
        # The threads that answer stay, and so do their connections.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A writer takes its lock when the transaction begins: two of them wait for each other and never deadlock.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }


DATABASES = {"default": _database()}

# Sign-in -------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "organisation.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_ADAPTER = "pegel_web.organisation.sign_in.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_NOTIFICATIONS = False
ALLAUTH_TRUSTED_PROXY_COUNT = ENVIRONMENT.trusted_proxies
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Pegel"
# An account's address is set by the organisation, which is what verifies it.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_ADAPTER = "pegel_web.organisation.sign_in.TwoFactorAdapter"
PEGEL_TWO_FACTOR = ENVIRONMENT.two_factor
PEGEL_PASSWORD_SIGN_IN = ENVIRONMENT.password_sign_in
PEGEL_NEW_PEOPLE = ENVIRONMENT.oidc_new_people
# Seen at sign-in only: a row written with every request would make every reader a writer.
USERSESSIONS_TRACK_ACTIVITY = False
SOCIALACCOUNT_ADAPTER = "pegel_web.organisation.sign_in.SingleSignOnAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": ENVIRONMENT.oidc_name,
                    "client_id": ENVIRONMENT.oidc_client_id,
                    "secret": ENVIRONMENT.oidc_client_secret.get_secret_value(),
                    "settings": {"server_url": str(ENVIRONMENT.oidc_issuer).rstrip("/")},
                }
            ],
        }
    }
    if ENVIRONMENT.oidc_issuer
    else {}
)
# Limits of tries hold for all web processes together, so they are counted in the database.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"},
    # What charts are drawn from, for browsers without scripts: large, short-lived, and no row of a database.
    "charts": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "cache" / "charts",
        "TIMEOUT": 24 * 3600,
        "OPTIONS": {"MAX_ENTRIES": 1000},
    },
}
SESSION_COOKIE_AGE = 12 * 3600

# Security ------------------------------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = ENVIRONMENT.https
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENVIRONMENT.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.trusted_proxies else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "pegel_web.ui.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
PEGEL_MOST_UPLOAD_BYTES = ENVIRONMENT.most_upload_mb * 1024**2
PEGEL_PICKUP_DIR = ENVIRONMENT.pickup_dir

# Languages and formats -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = ENVIRONMENT.language
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "pegel_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENVIRONMENT.time_zone

# Files ---------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "pegel_web.ui.generated.GeneratedFinder",
]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "uploads"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG

# Programs: OAuth, for whom Pegel itself grants tokens -----------------------------------------------------------------
PEGEL_ORIGIN = ENVIRONMENT.origin
PEGEL_OAUTH_HOSTS = ENVIRONMENT.oauth_hosts
IDP_OIDC_ADAPTER = "pegel_web.config.oauth.OAuthAdapter"
IDP_OIDC_DCR_ENABLED = True
# Anybody may register a program; it gets nothing until a person lets it in, and can lead back only to their computer.
IDP_OIDC_DCR_REQUIRES_INITIAL_ACCESS_TOKEN = False
IDP_OIDC_CIMD_ENABLED = bool(ENVIRONMENT.oauth_hosts)
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 3600
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = 30 * 24 * 3600

# Messages ----------------------------------------------------------------------------------------------------------
PEGEL_OUTBOUND = ENVIRONMENT.outbound
PEGEL_MAIL = ENVIRONMENT.mail
PEGEL_DIGEST_HOUR = ENVIRONMENT.mail_digest_hour

# REST --------------------------------------------------------------------------------------------------------------
NINJA_PAGINATION_CLASS = "pegel_web.core.rest.Pages"

# Watching ------------------------------------------------------------------------------------------------------------
LOGGING_CONFIG = "pegel_web.config.logging.configure"
LOGGING = {"level": ENVIRONMENT.log_level, "format": ENVIRONMENT.log_format}
PEGEL_METRICS_TOKEN = ENVIRONMENT.metrics_token.get_secret_value() if ENVIRONMENT.metrics_token else None
