using Graph.Execution;

namespace Graph.Operators;

/// <summary>
/// Row work on whole rows of a product, done by the tile that has summed them: Y = (C + D) r with r = 1 / sqrt(mean of the row's squares + eps).
/// Rows of D and Y are as wide as those of C, which is not written.
/// </summary>
/// <param name="Residual">Place of D.</param>
/// <param name="Y">Place of the result.</param>
/// <param name="Statistic">Place of r, one float32 a row; negative: nobody reads it.</param>
/// <param name="Eps">Added to the mean.</param>
internal readonly record struct GpuNorm(long Residual, long Y, long Statistic, float Eps)
{
    /// <summary>
    /// Arguments of the epilogue, behind those of the product: R11, I9 and J0 place, stride and form of D; R13, I12 and J1 of Y; R14 place of r; F0 eps.
    /// </summary>
    public GpuArguments Into(GpuArguments a, int width)
    {
        (a.R11, a.R13, a.R14) = (Bfloat16Place.Start(Residual), Bfloat16Place.Start(Y), Statistic);
        (a.I9, a.I12) = (width, width);
        (a.J0, a.J1) = (Bfloat16Place.Is(Residual) ? 1 : 0, Bfloat16Place.Is(Y) ? 1 : 0);
        a.F0 = Eps;
        return a;
    }
}
