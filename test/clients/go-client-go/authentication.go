// Who a client is: tokens of service accounts, and impersonation.
package main

import (
	"context"
	"os"
	"path/filepath"

	"example.com/kubedouble-clients/check"
	authentication "k8s.io/api/authentication/v1"
	authorization "k8s.io/api/authorization/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func (s *story) authenticate() {
	var token string
	account := "system:serviceaccount:" + s.namespace + ":robot"
	s.Check("a service account is given a token", func(ctx context.Context) error {
		accounts := s.client.CoreV1().ServiceAccounts(s.namespace)
		if _, err := accounts.Create(ctx, &core.ServiceAccount{ObjectMeta: meta.ObjectMeta{Name: "robot"}}, meta.CreateOptions{}); err != nil {
			return err
		}
		made, err := accounts.CreateToken(ctx, "robot", &authentication.TokenRequest{Spec: authentication.TokenRequestSpec{ExpirationSeconds: pointer[int64](3600)}}, meta.CreateOptions{})
		if err != nil {
			return err
		}
		token = made.Status.Token
		return check.That(token != "" && !made.Status.ExpirationTimestamp.IsZero(), "the status is %v", made.Status)
	})
	s.Check("a TokenReview knows whose token it is", func(ctx context.Context) error {
		review, err := s.client.AuthenticationV1().TokenReviews().Create(ctx, &authentication.TokenReview{Spec: authentication.TokenReviewSpec{Token: token}}, meta.CreateOptions{})
		if err != nil {
			return err
		}
		return check.That(review.Status.Authenticated && review.Status.User.Username == account, "the status is %v", review.Status)
	})
	s.Check("the token is a bearer token", func(ctx context.Context) error {
		config := rest.AnonymousClientConfig(s.config)
		config.BearerToken = token
		return wantUser(ctx, config, account)
	})
	s.Check("a token is read from a file, as inside a cluster", func(ctx context.Context) error {
		folder, err := os.MkdirTemp("", "client-go-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		config := rest.AnonymousClientConfig(s.config)
		config.BearerTokenFile = filepath.Join(folder, "token")
		if err = os.WriteFile(config.BearerTokenFile, []byte(token), 0o600); err != nil {
			return err
		}
		return wantUser(ctx, config, account)
	})
	s.Check("a token that is none is Unauthorized", func(ctx context.Context) error {
		config := rest.AnonymousClientConfig(s.config)
		config.BearerToken = "none"
		err := wantUser(ctx, config, "nobody")
		return check.That(apierrors.IsUnauthorized(err), "the answer was %v", err)
	})
	s.Check("an administrator impersonates", func(ctx context.Context) error {
		config := rest.CopyConfig(s.config)
		config.Impersonate = rest.ImpersonationConfig{UserName: "jane", Groups: []string{"writers"}}
		return wantUser(ctx, config, "jane")
	})
	s.Check("a SelfSubjectAccessReview says what the administrator may do", func(ctx context.Context) error {
		asked := &authorization.SelfSubjectAccessReview{Spec: authorization.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorization.ResourceAttributes{Namespace: s.namespace, Verb: "create", Resource: "configmaps"},
		}}
		review, err := s.client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, asked, meta.CreateOptions{})
		if err != nil {
			return err
		}
		return check.That(review.Status.Allowed, "the status is %v", review.Status)
	})
}

func wantUser(ctx context.Context, config *rest.Config, name string) error {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	review, err := client.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authentication.SelfSubjectReview{}, meta.CreateOptions{})
	if err != nil {
		return err
	}
	return check.Equal("the user", review.Status.UserInfo.Username, name)
}
