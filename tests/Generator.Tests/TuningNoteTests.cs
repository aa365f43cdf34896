using Microsoft.CodeAnalysis.CSharp;

namespace Graph.Generator.Tests;

/// <summary>GRAPH081 and GRAPH082 answer "why is this slow": each reason once, in the words of the declaration.</summary>
public sealed class TuningNoteTests
{
    private const string Mixer = "[Call<Graph.Models.Mamba2Mixer>] public Node y;";

    [Theory]
    [InlineData(Mixer, "Mamba2Mixer.xbc was not fused with Mamba2Mixer.dt: Mamba2Mixer.xbc reads neighbouring rows")]
    [InlineData(Mixer, "GatedRmsNormBlock.opened was not fused with Mamba2Mixer.scan: Mamba2Mixer.scan has a grid of its own (b*groups*split units)")]
    [InlineData(Mixer, "GatedRmsNormBlock.opened was not fused with Mamba2Mixer.biased: rows of e against rows of hs")]
    [InlineData(Mixer, "GatedRmsNormBlock.gated is recomputed in backward (e*t flops against 4*e*t bytes saved, per sample and turn)")]
    [InlineData("[FeatureScale] public Node s; [FeatureBias] public Node y;", "y was not fused with s: each sums the gradient of a parameter")]
    [InlineData("[RmsNorm(1e-5, axis: \"t\")] public Node y;", "logits was not fused with y: one works along the tokens, the other along the features")]
    public void Says_why(string nodes, string expected) => Assert.Contains(expected, Notes(nodes, "GRAPH081", "GRAPH082"));

    [Fact]
    public void Layers_and_backward_repeat_nothing()
    {
        var once = Notes("[Call<Graph.Models.TrmAttentionBlock>] public Node y;", "GRAPH081");
        Assert.Equal(once.Distinct(), once);
        Assert.Equal(
            [
                "SelfAttentionBlock.mixed was not fused with SelfAttentionBlock.rotated: SelfAttentionBlock.mixed has a grid of its own (b*heads units)",
                "SelfAttentionBlock.y was not fused with SelfAttentionBlock.mixed: SelfAttentionBlock.mixed has a grid of its own (b*heads units)",
            ],
            once);
        Assert.Equal(once, Notes("[Call<Graph.Models.TrmAttentionBlock>(layers: 3)] public Node y;", "GRAPH081"));
    }

    [Fact]
    public void Off_until_asked_for() => Assert.Empty(Notes(Mixer));

    private static List<string> Notes(string nodes, params string[] enabled) =>
        [.. GeneratorRun.Of(LanguageVersion.CSharp14, enabled, TestModels.Of(nodes)).Reported.Select(d => d.GetMessage(System.Globalization.CultureInfo.InvariantCulture))];
}
