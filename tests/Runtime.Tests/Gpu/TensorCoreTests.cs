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

    /// <summary>The same against unrounded factors: eight bits of each, and of the result.</summary>
    private const double Bfloat16Rounding = 1.5e-2;

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

    /// <summary>
    /// The token axis: W[m, k] or W[k, m] with rows of any length, at an odd place, times each sample's activations; in one step of the sum
    /// and in several, with the last one full and not.
    /// </summary>
    [Theory]
    [InlineData(97, 72, 97, 3, "")]
    [InlineData(97, 136, 64, 1, "C")]
    [InlineData(64, 64, 97, 1, "D")]
    [InlineData(17, 64, 17, 2, "")]
    [InlineData(130, 40, 71, 1, "C")]
    public void Columns_are_right(int m, int n, int k, int batches, string added)
    {
        foreach (var (kernel, layout) in new (GpuKernel, ProductLayout)[] { (TensorCoreKernels.Columns, ProductLayout.NN), (TensorCoreKernels.ColumnsBackward, ProductLayout.TN) })
        {
            InBothForms(kernel.Method, Small(layout, m, n, k) with { LeftIsRagged = true, RightIsCopied = true, Batches = batches, Adds = added != "", Accumulates = added == "C" });
        }
    }

    /// <summary>Its gradients, over samples: whole in a part, cut by parts, more parts than steps, and samples that end within a step.</summary>
    [Theory]
    [InlineData(97, 97, 64, 3, 1, "C")]
    [InlineData(97, 97, 72, 3, 2, "")]
    [InlineData(97, 97, 64, 2, 6, "")]
    [InlineData(64, 97, 40, 5, 1, "D")]
    [InlineData(17, 64, 64, 1, 1, "C")]
    public void Gradients_of_columns_are_right(int m, int n, int k, int samples, int parts, string added) =>
        IsRight(((GpuKernel)TensorCoreKernels.ColumnsGradient).Method, Small(ProductLayout.NT, m, n, k) with { LeftIsCopied = true, RightIsCopied = true, Samples = samples, Splits = parts, Adds = added != "", Accumulates = added == "C" });

    /// <summary>What the attribute allows beyond the runtime's kernels.</summary>
    [Theory]
    [InlineData("Copied", ProductLayout.NT, 64, 64, 128, 64, true, true, 64, 64, 256, "")]
    [InlineData("Copied", ProductLayout.NT, 64, 64, 128, 64, true, true, 72, 40, 72, "")]
    [InlineData("CopiedFlat", ProductLayout.NN, 64, 128, 128, 16, true, true, 64, 128, 96, "")]
    [InlineData("CopiedFlat", ProductLayout.NN, 64, 128, 128, 16, true, true, 68, 136, 40, "")]
    [InlineData("CopiedGradient", ProductLayout.TN, 64, 64, 128, 32, true, true, 64, 64, 160, "C")]
    [InlineData("CopiedGradient", ProductLayout.TN, 64, 64, 128, 32, true, true, 72, 72, 51, "D")]
    [InlineData("Mixed", ProductLayout.NT, 64, 64, 128, 32, false, true, 72, 104, 168, "D")]
    [InlineData("RoundedGradient", ProductLayout.TN, 64, 64, 128, 32, false, false, 72, 72, 51, "C")]
    [InlineData("Rounded", ProductLayout.NN, 64, 64, 128, 32, false, false, 72, 40, 104, "D")]
    [InlineData("RoundedDeep", ProductLayout.NT, 64, 64, 128, 32, false, false, 72, 40, 104, "C")]
    [InlineData("MixedGradient", ProductLayout.TN, 128, 64, 128, 16, true, false, 136, 72, 50, "")]
    public void Variants_are_right(string name, ProductLayout layout, int tileM, int tileN, int threads, int tileK, bool leftIsCopied, bool rightIsCopied, int m, int n, int k, string added) =>
        InBothForms(
            typeof(TensorCoreVariants).GetMethod(name)!,
            new TensorCoreMatrices.Product(layout, m, n, k, tileM, tileN, threads, tileK) { LeftIsCopied = leftIsCopied, RightIsCopied = rightIsCopied, Adds = added != "", Accumulates = added == "C" });

    /// <summary>Nothing is a multiple of anything.</summary>
    [Theory]
    [InlineData("Ragged", ProductLayout.NN)]
    [InlineData("RaggedDeep", ProductLayout.NT)]
    public void Ragged_products_are_right(string name, ProductLayout layout) =>
        IsRight(typeof(TensorCoreVariants).GetMethod(name)!, Small(layout, 67, 71, 37) with { LeftIsRagged = true, RightIsRagged = true, Batches = 2, Adds = true });

    private static void IsRight(GpuKernel kernel, ProductLayout layout, bool isSmall, int m, int n, int k, int parts, string added)
    {
        var tile = isSmall ? TensorCoreKernels.SmallTile : TensorCoreKernels.LargeTile;
        var threads = isSmall ? TensorCoreKernels.SmallThreads : TensorCoreKernels.LargeThreads;
        var product = new TensorCoreMatrices.Product(layout, m, n, k, tile, tile, threads) { LeftIsCopied = true, Splits = parts, Adds = added != "", Accumulates = added == "C" };
        if (parts > 1)
        {
            // Parts are float32.
            IsRight(kernel.Method, product);
            return;
        }

        InBothForms(kernel.Method, product);
    }

    /// <summary>C, and what is added to it, as float32 and as bfloat16.</summary>
    private static void InBothForms(MethodInfo kernel, TensorCoreMatrices.Product product)
    {
        IsRight(kernel, product);
        IsRight(kernel, product with { ResultIsBfloat16 = true });
    }

    private static TensorCoreMatrices.Product Small(ProductLayout layout, int m, int n, int k) =>
        new(layout, m, n, k, TensorCoreKernels.SmallTile, TensorCoreKernels.SmallTile, TensorCoreKernels.SmallThreads) { RightIsCopied = false };

    private static void IsRight(MethodInfo kernel, TensorCoreMatrices.Product product)
    {
        var matrices = new TensorCoreMatrices(product);
        var (rounded, exact) = matrices.Error(kernel.CreateDelegate<GpuKernel>());
        Assert.InRange(rounded, 0, Rounding);
        Assert.InRange(exact, 0, Bfloat16Rounding);
        Assert.Equal(0, matrices.Conflicts);
    }
}
