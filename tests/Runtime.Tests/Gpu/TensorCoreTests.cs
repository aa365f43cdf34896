using System.Reflection;
using Graph.Execution;
using Graph.Operators;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// The emitted tensor-core products, as CUDA would get them, in the PTX interpreter: full and ragged tiles, one step of the sum and more than
/// there are stages, sums in parts, accumulation and a residual.
/// </summary>
public sealed class TensorCoreTests
{
    /// <summary>Relative to the largest element: float32 sums in another order than the reference's.</summary>
    private const double Rounding = 2e-6;

    /// <summary>The same against unrounded factors: eight bits of each.</summary>
    private const double Bfloat16Rounding = 1e-2;

    /// <summary>Small tile or not, m, n, k, parts, and what is added: nothing, D or C.</summary>
    public static TheoryData<bool, int, int, int, int, string> Sizes => new()
    {
        { true, 64, 64, 32, 1, "" },
        { true, 64, 64, 160, 1, "C" },
        { true, 72, 104, 64, 1, "D" },
        { true, 40, 48, 88, 1, "" },
        { true, 64, 64, 224, 3, "" },
        { false, 128, 128, 128, 1, "D" },
        { false, 136, 40, 72, 1, "C" },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Forward_is_right(bool isSmall, int m, int n, int k, int parts, string added) =>
        IsRight(isSmall ? TensorCoreKernels.ForwardSmall : TensorCoreKernels.Forward, ProductLayout.NT, isSmall, m, n, k, parts, added);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Backward_is_right(bool isSmall, int m, int n, int k, int parts, string added) =>
        IsRight(isSmall ? TensorCoreKernels.BackwardSmall : TensorCoreKernels.Backward, ProductLayout.NN, isSmall, m, n, k, parts, added);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Gradient_is_right(bool isSmall, int m, int n, int k, int parts, string added) =>
        IsRight(isSmall ? TensorCoreKernels.GradientSmall : TensorCoreKernels.Gradient, ProductLayout.TN, isSmall, m, n, k, parts, added);

    /// <summary>Rows are whatever a batch has: where they are the summed index they need not fill chunks. Neither must rows of C.</summary>
    [Fact]
    public void Odd_numbers_of_rows_are_right()
    {
        IsRight(TensorCoreKernels.GradientSmall, ProductLayout.TN, true, 64, 72, 81, 2, "");
        IsRight(TensorCoreKernels.ForwardSmall, ProductLayout.NT, true, 81, 70, 40, 1, "C");
        IsRight(TensorCoreKernels.BackwardSmall, ProductLayout.NN, true, 81, 72, 40, 1, "");
    }

    /// <summary>What the attribute allows beyond the runtime's kernels.</summary>
    [Theory]
    [InlineData("Copied", ProductLayout.NT, 64, 64, 128, 64, true, true, 64, 64, 256, "")]
    [InlineData("Copied", ProductLayout.NT, 64, 64, 128, 64, true, true, 72, 40, 72, "")]
    [InlineData("CopiedFlat", ProductLayout.NN, 64, 128, 128, 16, true, true, 64, 128, 96, "")]
    [InlineData("CopiedFlat", ProductLayout.NN, 64, 128, 128, 16, true, true, 68, 136, 40, "")]
    [InlineData("CopiedGradient", ProductLayout.TN, 64, 64, 128, 32, true, true, 64, 64, 160, "C")]
    [InlineData("CopiedGradient", ProductLayout.TN, 64, 64, 128, 32, true, true, 72, 72, 51, "D")]
    [InlineData("Rounded", ProductLayout.NN, 64, 64, 128, 32, false, false, 72, 40, 104, "D")]
    [InlineData("RoundedDeep", ProductLayout.NT, 64, 64, 128, 32, false, false, 72, 40, 104, "C")]
    [InlineData("MixedGradient", ProductLayout.TN, 128, 64, 128, 16, true, false, 136, 72, 50, "")]
    public void Variants_are_right(string name, ProductLayout layout, int tileM, int tileN, int threads, int tileK, bool leftIsCopied, bool rightIsCopied, int m, int n, int k, string added) =>
        IsRight(
            typeof(TensorCoreVariants).GetMethod(name)!,
            new TensorCoreMatrices.Product(layout, m, n, k, tileM, tileN, threads, tileK) { LeftIsCopied = leftIsCopied, RightIsCopied = rightIsCopied, Adds = added != "", Accumulates = added == "C" });

    private static void IsRight(GpuKernel kernel, ProductLayout layout, bool isSmall, int m, int n, int k, int parts, string added)
    {
        var tile = isSmall ? TensorCoreKernels.SmallTile : TensorCoreKernels.LargeTile;
        var threads = isSmall ? TensorCoreKernels.SmallThreads : TensorCoreKernels.LargeThreads;
        IsRight(kernel.Method, new TensorCoreMatrices.Product(layout, m, n, k, tile, tile, threads)
        {
            RightIsCopied = layout != ProductLayout.TN,
            Splits = parts,
            Adds = added != "",
            Accumulates = added == "C",
        });
    }

    private static void IsRight(MethodInfo kernel, TensorCoreMatrices.Product product)
    {
        var matrices = new TensorCoreMatrices(product);
        var (rounded, exact) = matrices.Error(PtxQueue.Parse(OfflineCompiler.Ptx(kernel)));
        Assert.InRange(rounded, 0, Rounding);
        Assert.InRange(exact, 0, Bfloat16Rounding);
        Assert.Equal(0, matrices.Conflicts);
    }
}
